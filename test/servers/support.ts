import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { identify } from '../../workers/servers/process-identity'
import { waitUntil } from '../../workers/servers/waiting'

const folders: string[] = []

/** A folder of its own for a test, with a name that needs care. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn 50%# '))
  folders.push(folder)
  return folder
}

export const removeTemporaryFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** Where builds are kept: the ordinary cache, so that tests needn't build again. */
export const ordinaryCache = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sojourn')

/** An executable shell script. */
export function script(file: string, body: string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}

export const isAlive = (pid: number): boolean => identify(pid) !== undefined

/** Waits for a condition, and fails when it doesn't come within 15 s. */
export async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await waitUntil(check, 15_000))) throw new Error(`it did not come to be: ${check}`)
}

/** Runs one of the fixtures as a process of its own; `next` is the next line of JSON it prints. */
export function startFixture(name: string, ...args: string[]): { child: ChildProcess; next(): Promise<any> } {
  const file = join(__dirname, 'fixtures', name)
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let rest = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
  })
  return {
    child,
    next: async () => {
      await eventually(() => lines.length > 0)
      return JSON.parse(lines.shift()!)
    },
  }
}
