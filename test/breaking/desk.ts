import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Send } from './stories'

/** A customer's journeys at rest: nothing pending, nothing being sent, every enrollment waiting for what is to come. */
export interface Rest {
  readonly now: number
  /** When each wait ends by itself, the customer's time. */
  readonly wakes: readonly number[]
}

interface Standing {
  readonly ahead: number
  readonly pending: number
  readonly underWay: number
  readonly starting: number
  readonly running: readonly string[]
}

const CALL_MS = 10_000
// The API answers a move when the clock has arrived, and must not be asked again before.
const MOVE_MS = 300_000
// A send takes no longer than this, unless its worker died: then its lease, or its activity's time, has to run out.
const SEND_MS = 20_000
const PATIENT_MS = 3_000

/** What the drivers know of the deployment: its API, and its database for looking on. */
export class Desk {
  /** Requests that were not answered with a 2xx and were sent again. */
  inVain = 0
  private closed = false
  private readonly pool: pg.Pool

  constructor(
    readonly url: string,
    private readonly key: string,
    private readonly databaseUrl: string,
    /** Whether a send whose worker died is waited for, once the storm is over. */
    private readonly awaitsLeases: boolean,
  ) {
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: 8, connectionTimeoutMillis: 5_000, query_timeout: 30_000 }) // prettier-ignore
    this.pool.on('error', () => {})
  }

  /** Whoever still waits for something is turned away. */
  async close(): Promise<void> {
    this.closed = true
    await this.pool.end()
  }

  async event(userId: string, send: Send): Promise<void> {
    await this.accepted(`/v1/${send.kind}`, { userId, ...bodyOf(send) })
  }

  async batch(userId: string, sends: readonly Send[]): Promise<void> {
    const batch = sends.map((send) => ({ type: send.kind, userId, ...bodyOf(send) }))
    await this.accepted('/v1/batch', { batch })
  }

  async clockOf(customerId: string): Promise<{ now: number }> {
    const { ahead } = await this.standing(customerId)
    return { now: Date.now() + ahead }
  }

  /** Holds the table of enrollments until released, or until the database is killed. */
  async holdEnrolling(): Promise<{ isFelt(): Promise<boolean>; release(): Promise<void> }> {
    const client = new pg.Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    const held = await client
      .connect()
      .then(() => client.query('begin; lock table enrollments in exclusive mode'))
      .catch(() => undefined)
    let released: Promise<void> | undefined
    return {
      isFelt: async () => held === undefined || (await this.waitForLocks()) > 0,
      release: () => (released ??= client.end()),
    }
  }

  /** Moves the customer's clock. One whose answer was lost is made good: every enrollment arrives. */
  async forward(customerId: string, move: { by: string } | { to: 'next' }): Promise<void> {
    let answer = await this.call('POST', `/v1/customers/${customerId}/fast-forward`, move, MOVE_MS)
    while (answer?.status !== 200) {
      refuse(answer)
      if (this.closed) throw new Error('nobody waits any more')
      this.inVain += 1
      await sleep(500)
      answer = await this.call('POST', `/v1/customers/${customerId}/fast-forward`, { by: '1 second' }, MOVE_MS) // prettier-ignore
    }
  }

  async rest(customerId: string, isOver: () => boolean): Promise<Rest | 'held up'> {
    for (let waitMs = 100, from = Date.now(); ; waitMs = Math.min(waitMs * 1.5, 1_000)) {
      const standing = await this.standing(customerId)
      if (standing.underWay > 0 && isOver() && !this.awaitsLeases && Date.now() - from > SEND_MS)
        return 'held up'
      const wakes = isQuiet(standing) ? await this.wakesOf(standing) : undefined
      if (wakes && isSame(standing, await this.standing(customerId))) {
        const now = Date.now() + standing.ahead
        if (wakes.every((wake) => wake > now)) return { now, wakes }
        // Due by the customer's clock and not woken: an interrupted move left the enrollment behind.
        if (Date.now() - from > PATIENT_MS) await this.forward(customerId, { by: '1 second' })
      }
      await sleep(waitMs)
    }
  }

  /** An enrollment as the API tells; undefined while it cannot. */
  async enrollment(id: string): Promise<{ live: boolean; heldOut: boolean; waits: Wait[] } | undefined> {
    const answer = await this.call('GET', `/v1/enrollments/${encodeURIComponent(id)}`)
    return answer?.status === 200 ? JSON.parse(answer.text) : undefined
  }

  private async waitForLocks(): Promise<number> {
    return this.pool
      .query(
        "select count(*)::int as waiting from pg_locks where not granted and relation = 'enrollments'::regclass",
      )
      .then(({ rows }) => rows[0].waiting as number)
      .catch(() => 1)
  }

  private async wakesOf({ running }: Standing): Promise<number[] | undefined> {
    const live = await Promise.all(running.map((id) => this.enrollment(id)))
    if (live.some((each) => !each?.live || each.waits.length === 0)) return undefined
    return live.flatMap((each) => each!.waits.flatMap(({ until }) => (until ? [Date.parse(until)] : [])))
  }

  private async standing(customerId: string): Promise<Standing> {
    for (;;) {
      try {
        const { rows } = await this.pool.query(standing, [customerId])
        return rows[0].standing as Standing
      } catch {
        if (this.closed) throw new Error('nobody waits any more')
        await sleep(200)
      }
    }
  }

  /** As a Segment client does: a lost connection or a 5xx is tried again. */
  private async accepted(target: string, body: object): Promise<void> {
    for (;;) {
      const answer = await this.call('POST', target, body)
      if (answer?.status === 200) return
      refuse(answer)
      if (this.closed) throw new Error('nobody waits any more')
      this.inVain += 1
      await sleep(200)
    }
  }

  private async call(
    method: string,
    target: string,
    body?: object,
    withinMs = CALL_MS,
  ): Promise<{ status: number; text: string } | undefined> {
    try {
      const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' }
      const signal = AbortSignal.timeout(withinMs)
      const response = await fetch(this.url + target, { method, headers, signal, body: body && JSON.stringify(body) }) // prettier-ignore
      return { status: response.status, text: await response.text() }
    } catch {
      return undefined
    }
  }
}

interface Wait {
  readonly step: string
  readonly until: string | null
}

const bodyOf = ({ messageId, kind, name, properties }: Send): object => {
  if (kind === 'identify') return { messageId, traits: properties }
  return kind === 'page' ? { messageId, name, properties } : { messageId, event: name, properties }
}

/** The script is wrong, and no retry mends it. */
function refuse(answer: { status: number; text: string } | undefined): void {
  if (answer && answer.status < 500 && answer.status !== 408 && answer.status !== 429)
    throw new Error(`the API refuses: ${answer.status} ${answer.text}`)
}

const isQuiet = ({ pending, underWay, starting }: Standing): boolean => pending + underWay + starting === 0

const isSame = (one: Standing, other: Standing): boolean => JSON.stringify(one) === JSON.stringify(other)

const standing = `
  select json_build_object(
    'ahead', coalesce((select clock_offset_ms from customers where id = $1), 0),
    'pending', (select count(*) from events where customer_id = $1 and state = 'pending'),
    'underWay', (select count(*) from touchpoints where customer_id = $1 and status in ('sending', 'retrying')),
    'starting', (select count(*) from enrollments where customer_id = $1 and status = 'starting'),
    'running', (
      select coalesce(json_agg(workflow_id order by workflow_id), '[]') from enrollments
      where customer_id = $1 and status in ('running', 'paused')
    )
  ) as standing`
