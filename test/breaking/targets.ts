import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { portAnswers } from '../../workers/servers/ports'
import type { RunningProcess } from '../../workers/servers/processes'
import { sendSignal } from '../../workers/servers/process-identity'
import { waitUntil } from '../../workers/servers/waiting'
import type { Child, Ending } from '../start/child'

/** A part of the deployment that can be killed, frozen, and is there again at the same place with the same data. */
export interface Target {
  readonly name: string
  /** Its process and all below it. */
  pids(): number[]
  /** SIGKILL to all of them; resolves once they are gone. */
  kill(): Promise<void>
  /** After its death; resolves once it serves again. */
  revive(): Promise<void>
  /** SIGTERM; resolves once it is gone. Only where an operator would. */
  end?(): Promise<void>
  stop(): Promise<void>
}

const UP_WITHIN_MS = 90_000

/** A process of ours: started again when it ends by itself, as every platform does. */
export class OwnProcess implements Target {
  /** What it said at last when it ended by itself. */
  readonly falls: string[] = []
  private child: Child | undefined
  private wanted = false

  constructor(
    readonly name: string,
    private readonly spawn: () => Child,
    private readonly upWords: string,
  ) {}

  pids(): number[] {
    return this.child && !this.child.ending ? [this.child.pid] : []
  }

  get said(): string {
    return this.child?.said ?? ''
  }

  kill(): Promise<void> {
    return this.signalled('SIGKILL')
  }

  end(): Promise<void> {
    return this.signalled('SIGTERM')
  }

  stop(): Promise<void> {
    return this.signalled('SIGTERM')
  }

  /** How it ended at last. */
  get ending(): Ending | undefined {
    return this.child?.ending
  }

  async revive(): Promise<void> {
    this.wanted = true
    this.start()
    if (!(await waitUntil(() => this.said.includes(this.upWords), UP_WITHIN_MS)))
      throw new Error(`${this.name} does not come up: ${this.said.slice(-2_000)}`)
  }

  private start(): void {
    const child = (this.child = this.spawn())
    void child.ended.then(async () => {
      if (!this.wanted || this.child !== child) return
      this.falls.push(child.said.trimEnd().split('\n').at(-1) ?? '')
      await sleep(500)
      if (this.wanted && this.child === child) this.start()
    })
  }

  private async signalled(signal: NodeJS.Signals): Promise<void> {
    this.wanted = false
    // A process that was frozen takes no other signal than SIGKILL.
    this.child?.signal('SIGCONT')
    this.child?.signal(signal)
    await this.child?.ended
  }
}

/** A server that its starter keeps running. */
export const supervised = (
  name: string,
  port: number,
  server: { readonly processes: RunningProcess[]; stop(): Promise<void> },
): Target => {
  const pids = () => server.processes.flatMap(({ pid }) => [pid, ...childrenOf(pid)])
  return {
    name,
    pids,
    kill: () => killAll(pids()),
    async revive() {
      const serves = () => server.processes.length > 0 && portAnswers(port)
      if (!(await waitUntil(serves, UP_WITHIN_MS))) throw new Error(`${name} does not come up`)
    },
    stop: () => server.stop(),
  }
}

interface Server {
  readonly pid: number
  stop(): Promise<void>
}

/** A server that its owner starts again by the same call: after a kill, and when it ended by itself. */
export class Restartable implements Target {
  private wanted = true
  private reviving: Promise<void> | undefined
  private readonly watch: NodeJS.Timeout

  private constructor(
    readonly name: string,
    private readonly start: () => Promise<Server>,
    private server: Server,
  ) {
    this.watch = setInterval(() => {
      if (this.wanted && !isAlive(this.server.pid)) void this.revive()
    }, 500)
  }

  static async open(name: string, start: () => Promise<Server>): Promise<Restartable> {
    return new Restartable(name, start, await start())
  }

  pids(): number[] {
    return isAlive(this.server.pid) ? [this.server.pid] : []
  }

  async kill(): Promise<void> {
    this.wanted = false
    await killAll([this.server.pid])
  }

  revive(): Promise<void> {
    this.wanted = true
    return (this.reviving ??= this.again().finally(() => (this.reviving = undefined)))
  }

  async stop(): Promise<void> {
    clearInterval(this.watch)
    await this.reviving
    await this.server.stop()
  }

  /** What it needs may be away itself. */
  private async again(): Promise<void> {
    for (const end = Date.now() + UP_WITHIN_MS; ; await sleep(500)) {
      try {
        await this.server.stop()
        this.server = await this.start()
        return
      } catch (error) {
        if (Date.now() > end) throw error
      }
    }
  }
}

async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) sendSignal(pid, 'SIGKILL')
  await waitUntil(() => !pids.some(isAlive), 5_000)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Postgres puts each of its processes into a group of its own, so the group does not tell. */
function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.filter(([, above]) => above === parent).map(([pid]) => pid!)
}
