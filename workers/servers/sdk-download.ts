import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isExecutable } from './executables'
import { withProgress } from './waiting'

const CLI_VERSION = 'v1.9.1'
const DOWNLOAD_WITHIN_MS = 5 * 60_000

// In a process of its own: @temporalio/testing instantiates the SDK's one Runtime, which the caller wants to install
// with its own logger. It downloads, runs the server once for a moment, and leaves the executable in the folder.
const DOWNLOAD = `
  const { TestWorkflowEnvironment } = require('@temporalio/testing')
  const [downloadDir, version] = process.argv.slice(1)
  const executable = { type: 'cached-download', downloadDir, version }
  TestWorkflowEnvironment.createLocal({ server: { executable, log: { format: 'json', level: 'never' } } })
    .then((environment) => environment.teardown())
    .catch(() => process.exit(1))
`

/** The Temporal CLI that an earlier download left in the cache. */
export function downloadedCli(cacheDir: string): string | undefined {
  const file = cliFile(cacheDir)
  return existsSync(file) ? file : undefined
}

/** Downloads the Temporal CLI by the SDK's own means; its path, or undefined where there is no way to it. */
export async function downloadCli(
  cacheDir: string,
  say: (line: string) => void,
): Promise<string | undefined> {
  mkdirSync(cacheDir, { recursive: true })
  const draft = mkdtempSync(join(cacheDir, 'temporal-cli-downloading-'))
  try {
    await withProgress(say, 'downloading the Temporal server', () => runDownload(draft))
    const [downloaded] = readdirSync(draft).map((name) => join(draft, name))
    if (!downloaded || !isExecutable(downloaded)) return undefined
    mkdirSync(dirname(cliFile(cacheDir)), { recursive: true })
    renameSync(downloaded, cliFile(cacheDir))
    return cliFile(cacheDir)
  } catch {
    return undefined
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

const runDownload = (folder: string): Promise<unknown> =>
  promisify(execFile)(process.execPath, ['-e', DOWNLOAD, folder, CLI_VERSION], {
    // require() in -e looks for packages from the working folder upwards.
    cwd: __dirname,
    timeout: DOWNLOAD_WITHIN_MS,
    killSignal: 'SIGKILL',
  })

const cliFile = (cacheDir: string): string =>
  join(cacheDir, `temporal-cli-${CLI_VERSION.slice(1)}`, 'temporal')
