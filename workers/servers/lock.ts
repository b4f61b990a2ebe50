import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { identify, stillRuns, type ProcessIdentity } from './process-identity'

/** A held lock. */
export interface Lock {
  release(): void
}

/** Takes the lock file at `path`, or tells which live process holds it. A lock left by a dead process is taken over. */
export function takeLock(path: string): Lock | { heldBy: number } {
  for (;;) {
    if (createWhole(path)) return heldLock(path)
    const holder = readHolder(path)
    if (holder && stillRuns(holder)) return { heldBy: holder.pid }
    removeStale(path, holder)
  }
}

/** True for a lock that was taken. */
export const isTaken = (lock: Lock | { heldBy: number }): lock is Lock => 'release' in lock

/** Released once: after that the file may be another's. */
function heldLock(path: string): Lock {
  let held = true
  const release = () => {
    if (held) rmSync(path, { force: true })
    held = false
  }
  return { release }
}

/** Creates the file with our name in it at once: a link can't be seen half written, and fails if the path exists. */
function createWhole(path: string): boolean {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(identify(process.pid)))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}

/** Renaming lets one of several take the stale file away; what proves to be another's fresh lock is put back. */
function removeStale(path: string, stale: ProcessIdentity | undefined): void {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const moved = readHolder(aside)
  if (moved && moved.started !== stale?.started && stillRuns(moved)) renameSync(aside, path)
  rmSync(aside, { force: true })
}
