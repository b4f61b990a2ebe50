import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { waitUntil } from './waiting'

/** A process as it was when written down. Pids are used again; pid, program and start time together are not. */
export interface ProcessIdentity {
  pid: number
  /** The program's file, where the system tells it. */
  path?: string
  /** Opaque; equal for the same process alone. */
  started: string
}

/** Who has this pid now; undefined when nobody lives there (a zombie doesn't). */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid)
    return started === undefined ? undefined : { pid, path: programOf(pid), started }
  } catch {
    return undefined
  }
}

/** True while the very process written down still lives. */
export function stillRuns(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid)
  if (now === undefined || now.started !== identity.started) return false
  // A process that is just ending has no program any more.
  return now.path === undefined || now.path === identity.path
}

/** Ends a process that isn't our child: `signal`, and SIGKILL after `graceMs`. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, graceMs: number) {
  if (!stillRuns(identity)) return
  sendSignal(identity.pid, signal)
  if (await waitUntil(() => !stillRuns(identity), graceMs)) return
  sendSignal(identity.pid, 'SIGKILL')
  await waitUntil(() => !stillRuns(identity), 2_000)
}

/** Sends a signal; a process that is gone already is no error. A negative pid means its whole group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

function startedOnLinux(pid: number): string | undefined {
  // Fields after the program's name, which stands in brackets and may hold anything: state first, start time 20th.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // The first thread is a zombie at once, while others of its process may still hold files and ports.
  if (fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length === 1) return undefined
  // The start time counts from boot, so the boot belongs to it.
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
}

function startedByPs(pid: number): string | undefined {
  const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  } catch {
    return undefined
  }
}
