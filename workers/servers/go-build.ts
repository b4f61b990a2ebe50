import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isTaken, takeLock, type Lock } from './lock'
import { withProgress } from './waiting'

const OUTPUT_KEPT = 64 * 1024

/** A Go program to be built into the cache. */
export interface GoProgram {
  /** As said to people: "the Temporal server". */
  name: string
  /** As said to people: "about five minutes the first time". */
  takes: string
  /** What `go install` is given, with its version. */
  module: string
  /** The folder it goes to, its version in the name. */
  folder: string
  /** The executable's file name. */
  executable: string
}

export const executableOf = (program: GoProgram): string => join(program.folder, program.executable)

/**
 * Builds a program with `go install` unless it is there already; the path of its executable. One process builds at
 * a time, the others wait for it. A build that is killed leaves nothing that would be taken for the program.
 * Throws an Error of one sentence when the build fails.
 */
export async function buildWithGo(
  go: string,
  program: GoProgram,
  say: (line: string) => void,
): Promise<string> {
  mkdirSync(dirname(program.folder), { recursive: true })
  const lock = await withProgress(say, `waiting for another process that builds ${program.name}`, () =>
    takeLockWhenFree(`${program.folder}.lock`),
  )
  try {
    if (!existsSync(executableOf(program))) await build(go, program, say)
  } finally {
    lock.release()
  }
  return executableOf(program)
}

async function takeLockWhenFree(path: string): Promise<Lock> {
  for (;;) {
    const lock = takeLock(path)
    if (isTaken(lock)) return lock
    await sleep(250)
  }
}

async function build(go: string, program: GoProgram, say: (line: string) => void): Promise<void> {
  const doing = `building ${program.name} with Go, ${program.takes}`
  removeUnfinished(program)
  const draft = `${program.folder}.building-${process.pid}`
  say(doing)
  try {
    await withProgress(say, doing, () => goInstall(go, program.module, draft))
    if (!existsSync(join(draft, program.executable)))
      throw new Error(`no ${program.executable} came out of it`)
    rmSync(program.folder, { recursive: true, force: true })
    renameSync(draft, program.folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    throw new Error(`${program.name} could not be built with Go: ${(error as Error).message}`)
  }
}

/** What killed builds left; the lock is ours, so nobody is at work there. */
function removeUnfinished({ folder }: GoProgram): void {
  for (const name of readdirSync(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}.building-`)) continue
    rmSync(join(dirname(folder), name), { recursive: true, force: true })
  }
}

function goInstall(go: string, module: string, binFolder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // env(1) sets GOBIN beside the environment that the child inherits.
    const child = spawn('env', [`GOBIN=${binFolder}`, go, 'install', module], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk: Buffer) => (output = (output + chunk).slice(-OUTPUT_KEPT))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const kill = () => child.kill()
    process.once('exit', kill)
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('exit', kill)
      if (code === 0) resolve()
      else reject(new Error(lastLine(output)))
    })
  })
}

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) || 'it ended without a word'
