import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** A process as it was when written down: pids are used again, pid and start time together are not. */
interface Holder {
  readonly pid: number
  readonly started: string
  /** Where the pid means something: the boot of the machine, and the container. */
  readonly boot: string
  readonly namespace: string
}

/** A folder is in use by another process. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse'
}

/**
 * Takes the lock in `folder` for this process, from a dead one if need be. Returns how to let go. Throws FolderInUse.
 *
 * Each holder writes a file with the next higher number, created whole and only if it is not there yet; the highest counts.
 * So of several that find a dead holder only one succeeds it, and nobody ever removes a file that another might hold.
 */
export function takeLock(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  for (;;) {
    const last = newest(folder)
    const holder = read(join(folder, String(last)))
    if (holder && mayRun(holder)) throw new FolderInUse(`in use by process ${holder.pid} (lock: ${folder})`)
    const own = join(folder, String(last + 1))
    if (!createWhole(own, identify(process.pid))) continue
    // The listing may have missed a holder who came while it was read.
    if (newest(folder) === last + 1) return settle(folder, last + 1)
    rmSync(own, { force: true })
  }
}

function settle(folder: string, number: number): () => void {
  for (const older of numbers(folder).filter((each) => each < number))
    rmSync(join(folder, String(older)), { force: true })
  return () => replaceWhole(join(folder, String(number)), null)
}

const numbers = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
const newest = (folder: string): number => Math.max(0, ...numbers(folder))

/** Undefined when there is no holder, or none that can be read: files appear whole, so that was a power cut. */
function read(path: string): Holder | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Holder | null) ?? undefined
  } catch {
    return undefined
  }
}

function createWhole(path: string, content: unknown): boolean {
  const draft = writeDraft(path, content)
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

const replaceWhole = (path: string, content: unknown): void => renameSync(writeDraft(path, content), path)

function writeDraft(path: string, content: unknown): string {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(content))
  return draft
}

/** Whether the holder lives, or can't be known not to: another container's pids are hidden from us. */
function mayRun(holder: Holder): boolean {
  const here = place()
  if (holder.boot !== here.boot) return false
  if (holder.namespace !== here.namespace) return true
  return startOf(holder.pid) === holder.started
}

const identify = (pid: number): Holder => ({ pid, started: startOf(pid) ?? '', ...place() })

const place = (): Pick<Holder, 'boot' | 'namespace'> => ({
  boot: tried(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
  namespace: tried(() => readlinkSync('/proc/self/ns/pid')) ?? '',
})

/** When the process began; undefined when it is gone (a zombie is). */
const startOf = (pid: number): string | undefined =>
  tried(() => (process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)))

function startOnLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the program's name, which stands in brackets and may hold anything: the state first, the start time 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return /[ZX]/.test(fields[0]!) ? undefined : fields[19]
}

function startByPs(pid: number): string | undefined {
  const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
}

function tried<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
