import type { ConsentWord, SuppressedBecause } from '../../sdk/contact'
import type {
  Difference,
  Line,
  Seen,
  SeenEnrollment,
  SeenTask,
  SeenTouchpoint,
  Stage,
} from '../../sdk/testing'
import type { EnrollmentRow, TouchpointRow } from '../../store/store'
import { until } from './until'
import type { World } from './world'

const UNDER_WAY = new Set(['proposed', 'sending', 'retrying'])

/** Plays stories on the real server, in moved time. */
export class RealStage implements Stage {
  private aheadMs = 0

  private constructor(
    private readonly world: World,
    readonly customerId: string,
    readonly zone: string,
  ) {}

  static async open(world: World, { id, ...traits }: { id: string; timezone: string }): Promise<RealStage> {
    await world.identify(id, traits)
    return new RealStage(world, id, traits.timezone)
  }

  get now(): number {
    return Date.now() + this.aheadMs
  }

  track(name: string, properties: Record<string, unknown>): Promise<void> {
    return this.world.event(this.customerId, name, properties)
  }

  identify(traits: Record<string, unknown>): Promise<void> {
    return this.world.identify(this.customerId, traits)
  }

  async enroll(journey: string, key: string | undefined, properties: object): Promise<void> {
    const body = { customerId: this.customerId, key, properties }
    await this.done('POST', `/v1/journeys/${journey}/enrollments`, body)
  }

  async completeTask(journey: string, step: string, outcome: string, data: Record<string, unknown>) {
    const { items } = await this.world.store.tasks.list({ customerId: this.customerId }, { limit: 200 })
    const task = items.find((one) => one.journey === journey && one.step === step)!
    await this.done('POST', `/v1/tasks/${task.ref}/complete`, { outcome, data })
    await this.world.settled(`task:${task.ref}`)
  }

  async say(word: Omit<ConsentWord, 'occurredAt'>): Promise<void> {
    await this.done('PUT', `/v1/customers/${this.customerId}/consents`, { consents: [word] })
  }

  async suppress(reason: SuppressedBecause): Promise<void> {
    const { email } = (await this.world.store.customers.get(this.customerId))!.traits
    await this.done('POST', '/v1/suppressions', { channel: 'email', address: email, reason })
  }

  async moveTo(at: number): Promise<void> {
    const seconds = Math.ceil((at - this.now) / 1_000)
    if (seconds > 0) await this.forward({ by: `${seconds} seconds` })
  }

  async moveOn(): Promise<boolean> {
    const { movedMs, happened } = await this.forward({ to: 'next' })
    return movedMs > 0 || happened.length > 0
  }

  async seen(): Promise<Seen> {
    const rows = await this.world.touchpointRows(this.customerId)
    const { items } = await this.world.store.enrollments.list({ customerId: this.customerId }, { limit: 200 })
    const tasks = await this.tasks()
    const enrollments = await Promise.all(items.toReversed().map((row) => this.seenOf(row)))
    return {
      touchpoints: rows.map(touchpointOf),
      enrollments,
      tasks,
      traits: (await this.world.store.customers.get(this.customerId))?.traits ?? {},
      timeline: timelineOf(rows, items),
    }
  }

  async settled(difference: () => Promise<Difference | undefined>): Promise<Difference | undefined> {
    let last: Difference | undefined
    await until(async () => !(last = await difference())).catch(() => undefined)
    return last
  }

  private async forward(body: object): Promise<{ movedMs: number; happened: unknown[] }> {
    const answer = await this.done('POST', `/v1/customers/${this.customerId}/fast-forward`, body)
    this.aheadMs += answer.movedMs
    return answer
  }

  private async tasks(): Promise<SeenTask[]> {
    const all = await Promise.all(
      (['open', 'claimed', 'done', 'expired', 'moot'] as const).map((status) =>
        this.world.store.tasks.list({ customerId: this.customerId, status }, { limit: 200 }),
      ),
    )
    const rows = all.flatMap(({ items }) => items).sort((one, other) => one.recordedAt - other.recordedAt)
    return rows.map(({ journey, step, queue, status }) => ({
      journey,
      step,
      queue,
      status: status === 'claimed' ? 'open' : status,
    }))
  }

  private async done(method: string, path: string, body: object): Promise<any> {
    const answer = await this.world.call(method, path, body)
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  private async seenOf({ id, journey, outcome, startedAt, endedAt }: EnrollmentRow): Promise<SeenEnrollment> {
    const { body } = await this.world.call('GET', `/v1/enrollments/${encodeURIComponent(id)}`)
    return { journey, outcome, startedAt, endedAt, heldOut: body.heldOut ?? false, waits: body.waits ?? [] }
  }
}

const touchpointOf = ({
  id,
  journey,
  step,
  channel,
  status,
  because,
  at,
}: TouchpointRow): SeenTouchpoint => ({
  id,
  journey,
  step,
  channel,
  because,
  at,
  status: UNDER_WAY.has(status) ? 'proposed' : status,
})

function timelineOf(rows: readonly TouchpointRow[], enrollments: readonly EnrollmentRow[]): Line[] {
  const lines = rows.map(({ id, at, journey, step, status, because }) => ({
    at,
    words: `${journey}: ${step} ${status} ${because ?? ''}`,
    touchpoint: id,
  }))
  const ends = enrollments.flatMap(({ endedAt, journey, outcome }) =>
    endedAt === null ? [] : [{ at: endedAt, words: `${journey}: ${JSON.stringify(outcome)}` }],
  )
  return [...lines, ...ends].sort((one, other) => one.at - other.at)
}
