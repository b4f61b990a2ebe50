import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Manifest } from '../../sdk'
import { Refused } from './refused'

const reader = path.join('workers', 'outline', 'print.ts')

/** The folder of the source that this command belongs to; undefined where only compiled code is. */
export function workingCopy(from = __dirname): string | undefined {
  if (existsSync(path.join(from, reader))) return from
  const above = path.dirname(from)
  return above === from ? undefined : workingCopy(above)
}

/** Reads the journeys as they stand in the source, in a process that can read TypeScript. Rejects with Refused. */
export async function manifestOf(folder: string): Promise<Manifest> {
  const args = ['--import', 'tsx', path.join(folder, reader)]
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error: { stderr?: string }) => {
      throw new Refused(error.stderr?.trim() || 'the journeys of the working copy cannot be read')
    },
  )
  return JSON.parse(stdout) as Manifest
}

/** Compares the working copy with what runs, in a process of its own that prints what it finds. Gives its exit code. */
export function checkOf(folder: string, options: readonly string[]): Promise<number> {
  const args = ['--import', 'tsx', path.join(folder, 'workers', 'check', 'run.ts'), ...options]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 2))
  })
}
