import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { findExecutable, isExecutable, versionOf } from './executables'
import { buildWithGo, executableOf, type GoProgram } from './go-build'
import { downloadCli, downloadedCli } from './sdk-download'

const SERVER_VERSION = '1.32.1'
const UI_VERSION = '2.54.1'
const OLDEST_SERVER = [1, 32] as const

export interface FinderOptions {
  /** TEMPORAL_CLI_PATH. */
  cliPath?: string
  /** PATH. */
  searchPath?: string
  /** Where downloads and builds are kept; ~/.cache/sojourn when not given. */
  cacheDir?: string
  withUi?: boolean
  say: (line: string) => void
}

/** A server to run: the Temporal CLI, which has the UI in it, or the bare server with the UI's program beside it. */
export type FoundServer = { kind: 'cli'; path: string } | { kind: 'server'; path: string; uiPath?: string }

/** Told apart so that tests needn't reach the network. */
export interface FinderSteps {
  download(cacheDir: string, say: (line: string) => void): Promise<string | undefined>
}

/**
 * Finds a Temporal server of 1.32 or newer: the CLI given, the CLI on the search path, the SDK's download, a build
 * with Go. What an earlier start downloaded or built is taken before anything is fetched, so that a start without
 * internet is quick and the server doesn't change from one start to the next.
 * Throws an Error of one sentence that says how to install it.
 */
export async function findTemporal(
  options: FinderOptions,
  steps: FinderSteps = { download: downloadCli },
): Promise<FoundServer> {
  const cacheDir = cacheOf(options)
  const cli = (await installedCli(options)) ?? downloadedCli(cacheDir)
  if (cli) return { kind: 'cli', path: cli }
  if (existsSync(executableOf(temporalServer(cacheDir)))) return ensureBinaries(cacheDir, options)
  const downloaded = await steps.download(cacheDir, options.say)
  if (downloaded) return { kind: 'cli', path: downloaded }
  return ensureBinaries(cacheDir, options)
}

const cacheOf = ({ cacheDir }: FinderOptions): string => cacheDir ?? join(homedir(), '.cache', 'sojourn')

/**
 * The server, and the UI unless not wanted, built with Go into the cache where they aren't there yet.
 * A UI that can't be built is said and left out. Throws an Error of one sentence when there is no Go or it fails.
 */
export async function ensureBinaries(cacheDir: string, options: FinderOptions): Promise<FoundServer> {
  const path = await ensureBuilt(temporalServer(cacheDir), options)
  if (options.withUi === false) return { kind: 'server', path }
  try {
    return { kind: 'server', path, uiPath: await ensureBuilt(temporalUi(cacheDir), options) }
  } catch (error) {
    options.say(`going on without the Temporal UI: ${(error as Error).message}`)
    return { kind: 'server', path }
  }
}

/** What a server on Postgres needs: the bare server, and Temporal's own tool that makes its schema. */
export interface ServerAndSqlTool {
  server: string
  sqlTool: string
}

/**
 * The server and the SQL tool of the same version, built with Go into the cache where they aren't there yet.
 * Throws an Error of one sentence when there is no Go or it fails.
 */
export async function ensureServerAndSqlTool(options: FinderOptions): Promise<ServerAndSqlTool> {
  const cacheDir = cacheOf(options)
  const server = await ensureBuilt(temporalServer(cacheDir), options, NO_GO_FOR_POSTGRES)
  const sqlTool = await ensureBuilt(temporalSqlTool(cacheDir), options, NO_GO_FOR_POSTGRES)
  return { server, sqlTool }
}

async function ensureBuilt(
  program: GoProgram,
  { searchPath, say }: FinderOptions,
  withoutGo = NOT_FOUND,
): Promise<string> {
  if (existsSync(executableOf(program))) return executableOf(program)
  const go = findExecutable('go', searchPath)
  if (!go) throw new Error(withoutGo)
  return buildWithGo(go, program, say)
}

async function installedCli({ cliPath, searchPath, say }: FinderOptions): Promise<string | undefined> {
  if (cliPath && !isExecutable(cliPath)) {
    throw new Error(`TEMPORAL_CLI_PATH names ${cliPath}, which can't be run: correct it, or leave it out`)
  }
  const candidates = [cliPath, findExecutable('temporal', searchPath)].filter((path) => path !== undefined)
  for (const path of candidates) {
    const version = await versionOf(path)
    // Absolute, for it is run from another folder.
    if (isNewEnough(version)) return resolve(path)
    say(
      `${path} is passed over: ${version ?? 'it tells no version'}, and a server of 1.32 or newer is needed`,
    )
  }
  return undefined
}

/** Reads "temporal version 1.9.1 (Server 1.32.1, UI 2.54.1)". */
export function isNewEnough(versionLine: string | undefined): boolean {
  const found = /Server (\d+)\.(\d+)/.exec(versionLine ?? '')
  if (!found) return false
  const [major, minor] = [Number(found[1]), Number(found[2])]
  return major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1])
}

const temporalServer = (cacheDir: string): GoProgram => ({
  name: 'the Temporal server',
  takes: 'about five minutes the first time',
  module: `go.temporal.io/server/cmd/server@v${SERVER_VERSION}`,
  folder: join(cacheDir, `temporal-${SERVER_VERSION}`),
  executable: 'server',
})

const temporalSqlTool = (cacheDir: string): GoProgram => ({
  name: "Temporal's SQL tool",
  takes: 'about a minute the first time',
  module: `go.temporal.io/server/cmd/tools/sql@v${SERVER_VERSION}`,
  folder: join(cacheDir, `temporal-sql-${SERVER_VERSION}`),
  executable: 'sql',
})

const temporalUi = (cacheDir: string): GoProgram => ({
  name: 'the Temporal UI',
  takes: 'about half a minute the first time',
  module: `github.com/temporalio/ui-server/v2/cmd/server@v${UI_VERSION}`,
  folder: join(cacheDir, `temporal-ui-${UI_VERSION}`),
  executable: 'server',
})

const NOT_FOUND =
  'no Temporal server was found: install the Temporal CLI 1.9.1 or newer (https://docs.temporal.io/cli), ' +
  'or Go 1.26 or newer (https://go.dev/dl) to have it built, or set TEMPORAL_ADDRESS to a server that runs'

const NO_GO_FOR_POSTGRES =
  'there is no Temporal server for Postgres: install Go 1.26 or newer (https://go.dev/dl) to have it built'
