import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTaken, takeLock, type Lock } from './lock'
import { endProcess, identify, sendSignal, type ProcessIdentity } from './process-identity'
import { graceMs, stopSignal, SupervisedProcess, type ProcessSpec } from './supervised-process'

/** A server process that lives now. */
export interface RunningProcess {
  name: string
  pid: number
}

export interface ProcessGroupOptions {
  /** The folder whose data the servers hold; one group with this name may use it at a time. */
  dataDir: string
  /** Names the group's lock and its list of processes in the folder. */
  name: string
  say: (line: string) => void
  /** A server died too often and stays down. Without it that is said, no more. */
  onGiveUp?: (error: Error) => void
}

type RecordedProcess = ProcessIdentity & { stopSignal: NodeJS.Signals; graceMs: number }

/** The servers of one data folder: started in order, restarted when they die, stopped in the reverse order. */
export class ProcessGroup {
  readonly #members: SupervisedProcess[] = []
  readonly #onExit = () => this.#signalAll()

  private constructor(
    private readonly options: ProcessGroupOptions,
    private readonly lock: Lock,
  ) {
    process.on('exit', this.#onExit)
  }

  /**
   * Takes the data folder, and ends servers that an owner killed without warning left behind in it.
   * Throws an Error of one sentence when another live process uses the folder.
   */
  static async open(options: ProcessGroupOptions): Promise<ProcessGroup> {
    mkdirSync(options.dataDir, { recursive: true })
    const lock = takeLock(join(options.dataDir, `${options.name}.lock`))
    if (!isTaken(lock)) throw new Error(inUse(options.dataDir, lock.heldBy))
    const group = new ProcessGroup(options, lock)
    await group.#endLeftovers()
    return group
  }

  /** The servers that live now, in the order they were started. */
  get processes(): RunningProcess[] {
    return this.#members.flatMap(({ spec, pid }) => (pid === undefined ? [] : [{ name: spec.name, pid }]))
  }

  /** Starts a server, waits until it serves and keeps it running. */
  async start(spec: ProcessSpec): Promise<SupervisedProcess> {
    const member = new SupervisedProcess(spec, {
      say: this.options.say,
      changed: () => this.#record(),
      gaveUp: (error) => this.#gaveUp(error),
    })
    this.#members.push(member)
    await member.start()
    return member
  }

  /** Ends all servers, the last started first, and gives the data folder free. */
  async stop(): Promise<void> {
    for (const member of [...this.#members].reverse()) await member.stop()
    process.off('exit', this.#onExit)
    rmSync(this.#recordFile, { force: true })
    this.lock.release()
  }

  get #recordFile(): string {
    return join(this.options.dataDir, `${this.options.name}.pids.json`)
  }

  async #endLeftovers(): Promise<void> {
    const leftovers = readRecord(this.#recordFile)
    await Promise.all(
      leftovers.map((leftover) => endProcess(leftover, leftover.stopSignal, leftover.graceMs)),
    )
  }

  #record(): void {
    const alive = this.#members.flatMap(({ spec, pid }) => {
      const identity = pid === undefined ? undefined : identify(pid)
      return identity ? [{ ...identity, stopSignal: stopSignal(spec), graceMs: graceMs(spec) }] : []
    })
    try {
      // Renamed into place: a half-written list would lose sight of a live server.
      writeFileSync(`${this.#recordFile}.new`, JSON.stringify(alive))
      renameSync(`${this.#recordFile}.new`, this.#recordFile)
    } catch (error) {
      this.options.say(`the list of server processes can't be written: ${(error as Error).message}`)
    }
  }

  #gaveUp(error: Error): void {
    this.options.say(error.message)
    this.options.onGiveUp?.(error)
  }

  /** For a parent that exits without stop(): nothing asynchronous runs any more. */
  #signalAll(): void {
    for (const { pid, spec } of this.#members) if (pid) sendSignal(pid, stopSignal(spec))
  }
}

function readRecord(file: string): RecordedProcess[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RecordedProcess[]
  } catch {
    return []
  }
}

const inUse = (dataDir: string, pid: number): string =>
  `the data folder ${dataDir} is in use by process ${pid}: stop that one, or set DATA_DIR to another folder`
