import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendSignal } from './process-identity'
import { waitUntil } from './waiting'

const DEATHS_BEFORE_GIVING_UP = 5
const DEATHS_COUNT_FOR_MS = 60_000
const FIRST_BACK_OFF_MS = 100
const READY_WITHIN_MS = 60_000
const LOG_BYTES_KEPT = 10 * 1024 * 1024

/** A command line, made afresh for each start because what it names (a free port) may be taken by the next. */
export interface Launch {
  command: string
  args: string[]
  cwd?: string
  uid?: number
  gid?: number
}

/** A server to run as a child process. */
export interface ProcessSpec {
  /** As said to people: "Temporal server". */
  name: string
  /** Where it serves, as said to people: "on port 7233". */
  where: string
  logFile: string
  launch(): Promise<Launch>
  /** True when it serves; asked every 75 ms. Throwing means not yet. */
  ready(): Promise<boolean>
  /** The signal for an orderly end; SIGTERM when not given. */
  stopSignal?: NodeJS.Signals
  /** How long an orderly end may take before SIGKILL; 5 s when not given. */
  graceMs?: number
  /** False leaves a death to the owner, who starts it again when it likes; true when not given. */
  revive?: boolean
}

export const stopSignal = (spec: ProcessSpec): NodeJS.Signals => spec.stopSignal ?? 'SIGTERM'

export const graceMs = (spec: ProcessSpec): number => spec.graceMs ?? 5_000

/** What a supervised process tells its owner. */
export interface Supervision {
  say(line: string): void
  /** A child was started or has ended. */
  changed(): void
  /** It died too often and stays down. */
  gaveUp(error: Error): void
}

/** One server kept running: a child that dies unexpectedly is started again, until it dies five times in a minute. */
export class SupervisedProcess {
  #child: ChildProcess | undefined
  #wanted = false
  #served = false
  #deaths: number[] = []

  constructor(
    readonly spec: ProcessSpec,
    private readonly supervision: Supervision,
  ) {}

  /** The live child's process id. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it and waits until it serves. Throws an Error of one sentence when it ends before or takes too long. */
  async start(): Promise<void> {
    this.#wanted = true
    this.#served = false
    await this.#spawn()
    if (await this.#becomesReady()) return
    const ended = this.#child === undefined
    await this.stop()
    throw new Error(
      `the ${this.spec.name} ${ended ? 'ended before it served' : 'did not serve within a minute'}` +
        `; its log ${this.spec.logFile} ends with: ${lastLine(this.spec.logFile)}`,
    )
  }

  /** Ends it in order: the stop signal, SIGKILL when the grace is over. Returns when it is gone. */
  async stop(): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (!child?.pid) return
    sendSignal(child.pid, stopSignal(this.spec))
    if (await waitUntil(() => this.#child !== child, graceMs(this.spec))) return
    // The child leads its own group, so whatever it started goes with it.
    sendSignal(-child.pid, 'SIGKILL')
    await waitUntil(() => this.#child !== child, 1_000)
  }

  async #becomesReady(): Promise<boolean> {
    const over = () => this.#child === undefined || !this.#wanted
    await waitUntil(async () => over() || (this.#served = await this.spec.ready()), READY_WITHIN_MS)
    return this.#served && !over()
  }

  async #spawn(): Promise<void> {
    const launch = await this.spec.launch()
    if (!this.#wanted) return
    const log = openLog(this.spec.logFile)
    const { command, args, ...options } = launch
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we end the servers in order.
    const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    child.once('error', () => this.#ended(child, 'could not be run'))
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`))
    this.supervision.changed()
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.supervision.changed()
    if (this.#wanted && this.#served && this.spec.revive !== false) void this.#revive(how)
  }

  async #revive(how: string): Promise<void> {
    const { name, where, logFile } = this.spec
    const now = Date.now()
    this.#deaths = [...this.#deaths.filter((death) => death > now - DEATHS_COUNT_FOR_MS), now]
    if (this.#deaths.length >= DEATHS_BEFORE_GIVING_UP) {
      this.#wanted = false
      const often = `${DEATHS_BEFORE_GIVING_UP} times within a minute`
      return this.supervision.gaveUp(
        new Error(`the ${name} died ${often} and stays down; its log is ${logFile}`),
      )
    }
    this.supervision.say(`the ${name} died (${how}); starting it again ${where}`)
    await sleep(FIRST_BACK_OFF_MS * 2 ** (this.#deaths.length - 1))
    if (!this.#wanted) return
    await this.#spawn().catch((error: unknown) => this.#revive(String(error)))
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file) && statSync(file).size > LOG_BYTES_KEPT) renameSync(file, `${file}.1`)
  return openSync(file, 'a')
}

function lastLine(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return (lines.at(-1) || 'nothing').slice(0, 500)
}
