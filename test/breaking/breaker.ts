import { setTimeout as sleep } from 'node:timers/promises'
import { sendSignal } from '../../workers/servers/process-identity'
import type { Outage } from './checker/facts'
import { dispatchers, type Move, workers } from './plan'
import type { Target } from './targets'

// The moment may not come: then it is done all the same.
const WITHIN_MS = 30_000
const WORTH_KILLING_IN = 5

/** What the breaker looks at for the right moment. */
export interface Moments {
  /** How many events are pending; undefined while nobody can tell. */
  pending(): Promise<number | undefined>
  /** How many mails the mail server took in the last so many ms. */
  mailsSince(ms: number): number
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
      case 'kill in backlog':
        return this.killInBacklog()
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

  private async killInBacklog(): Promise<void> {
    const both = dispatchers.map((name) => this.targets.get(name)!)
    await Promise.all(both.map((target) => target.end!()))
    await sleep(2_500)
    const up = Promise.all(both.map((target) => target.revive()))
    await this.untilItFalls()
    await Promise.all(dispatchers.map((name) => this.kill(name)))
    await up
  }

  private async killInSending(): Promise<void> {
    for (const end = Date.now() + WITHIN_MS; Date.now() < end; await sleep(20))
      if (this.moments.mailsSince(1_000) >= WORTH_KILLING_IN) break
    await Promise.all(workers.map((name) => this.kill(name)))
  }

  /** Until pending events become fewer: they are being handed out then. */
  private async untilItFalls(): Promise<void> {
    let most = 0
    for (const end = Date.now() + WITHIN_MS; Date.now() < end; await sleep(10)) {
      const pending = (await this.moments.pending()) ?? most
      if (most >= WORTH_KILLING_IN && pending < most) return
      most = Math.max(most, pending)
    }
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
