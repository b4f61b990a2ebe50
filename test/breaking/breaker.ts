import { setTimeout as sleep } from 'node:timers/promises'
import { sendSignal } from '../../workers/servers/process-identity'
import type { Outage } from './checker/facts'
import { dispatchers, type Move, workers } from './plan'
import type { Target } from './targets'

// The moment may not come: then it is done all the same.
const WITHIN_MS = 20_000
// So that it meets more than the first.
const AND_THEN_MS = 400

/** What the breaker looks out for, to break things in the middle. */
export interface Moments {
  /** Keeps everybody from enrolling until released. */
  holdEnrolling(): Promise<{ isFelt(): Promise<boolean>; release(): Promise<void> }>
  /** Whether the mail server took a mail just now, which it may not have answered yet. */
  isSending(): boolean
}

/** Does to the deployment what the plan says. */
export class Breaker {
  readonly outages: Outage[] = []
  readonly killed: Record<string, number> = {}
  readonly frozen: Record<string, number> = {}
  readonly restarted: Record<string, number> = {}
  private readonly targets: Map<string, Target>

  constructor(
    targets: readonly Target[],
    private readonly moments: Moments,
    private readonly say: (line: string) => void,
  ) {
    this.targets = new Map(targets.map((target) => [target.name, target]))
  }

  /** Resolves when all moves are over and everything is up. */
  async carryOut(moves: readonly Move[]): Promise<void> {
    const from = Date.now()
    await Promise.all(
      moves.map(async (move) => {
        await sleep(Math.max(0, from + move.at - Date.now()))
        this.say(`${move.does} ${'name' in move ? move.name : ''}`)
        await this.do(move)
      }),
    )
  }

  async kill(name: string, downMs = 0): Promise<void> {
    await this.away(name, this.killed, async (target) => {
      await target.kill()
      await sleep(downMs)
      await target.revive()
    })
  }

  private do(move: Move): Promise<void> {
    switch (move.does) {
      case 'kill':
        return this.kill(move.name, move.forMs)
      case 'freeze':
        return this.freeze(move.name, move.forMs)
      case 'restart':
        return this.restart(move.name)
      case 'kill in handing out':
        return this.killInHandingOut()
      case 'kill in sending':
        return this.killInSending()
    }
  }

  private freeze(name: string, forMs: number): Promise<void> {
    return this.away(name, this.frozen, async (target) => {
      const pids = target.pids()
      for (const pid of pids) sendSignal(pid, 'SIGSTOP')
      await sleep(forMs)
      for (const pid of pids) sendSignal(pid, 'SIGCONT')
    })
  }

  private restart(name: string): Promise<void> {
    return this.away(name, this.restarted, async (target) => {
      await target.end!()
      await target.revive()
    })
  }

  /** Dispatchers that wait for the database have read events and not handed them out. */
  private async killInHandingOut(): Promise<void> {
    const held = await this.moments.holdEnrolling()
    await cameTrue(() => held.isFelt())
    const killed = dispatchers.map((name) =>
      this.away(name, this.killed, async (target) => {
        await target.kill()
        await held.release()
        await target.revive()
      }),
    )
    await Promise.all(killed)
  }

  private async killInSending(): Promise<void> {
    await cameTrue(async () => this.moments.isSending())
    await Promise.all(workers.map((name) => this.kill(name)))
  }

  private async away(
    name: string,
    counts: Record<string, number>,
    work: (target: Target) => Promise<void>,
  ): Promise<void> {
    const from = Date.now()
    const outage = { name, from, to: Infinity }
    this.outages.push(outage)
    counts[name] = (counts[name] ?? 0) + 1
    await work(this.targets.get(name)!)
    outage.to = Date.now()
  }
}

async function cameTrue(moment: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WITHIN_MS; Date.now() < end; await sleep(20)) if (await moment()) break
  await sleep(AND_THEN_MS)
}
