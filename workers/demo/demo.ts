import type { News } from '../../activities'
import { formatLocal } from '../../sdk/time/local'
import type { Store } from '../../store/store'
import { type Act, cast, type Role } from './cast'

export interface DemoOptions {
  readonly url: string
  readonly store: Store
  readonly print: (line: string) => void
  /** False where this Temporal server cannot move a workflow's clock. */
  readonly canMoveTime: boolean
  readonly unsubscribeUrl: (ref: string) => string
}

const AT_ONCE = 5
// Slow enough for a reader to follow.
const PACE_MS = 700

/** Sends the demo's events through the API as a shop and an app would, and lets the months between them pass. */
export class Demo {
  private stopped = false

  constructor(private readonly options: DemoOptions) {}

  stop(): void {
    this.stopped = true
  }

  async run(): Promise<void> {
    const roles = cast(Date.now())
    const { print, store, canMoveTime } = this.options
    if (await store.customers.get(roles[0]!.id))
      print('The demo ran here before; its customers are where it left them.')
    else await this.play(roles)
    if (!this.stopped) for (const line of farewell(this.options.url, roles, canMoveTime)) print(line)
  }

  private async play(roles: readonly Role[]): Promise<void> {
    const { print, canMoveTime } = this.options
    print(
      canMoveTime
        ? `Demo: ${roles.length} customers live through about four months. Their clocks are moved on the Temporal server; the times below are theirs.`
        : `Demo: ${roles.length} customers begin. This Temporal server cannot move clocks, so their months take months.`,
    )
    const queue = roles.values()
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.playEach(queue)))
  }

  private async playEach(queue: Iterable<Role>): Promise<void> {
    for (const role of queue) {
      if (this.stopped) return
      await this.act(role).catch(
        (error: Error) => this.stopped || this.options.print(`demo: ${role.id}: ${error.message}`),
      )
    }
  }

  private async act(role: Role): Promise<void> {
    await this.post('/v1/identify', {
      userId: role.id,
      traits: role.traits,
      messageId: `demo:${role.id}:identify`,
    })
    for (const [index, act] of role.acts.entries()) {
      if (this.stopped) return
      await this.perform(role.id, act, index)
      await new Promise((resolve) => setTimeout(resolve, PACE_MS))
    }
  }

  private async perform(id: string, act: Act, index: number): Promise<void> {
    if ('does' in act) {
      const body = {
        userId: id,
        event: act.does,
        properties: act.with ?? {},
        messageId: `demo:${id}:${index}`,
      }
      await this.post('/v1/track', body)
      await this.handedOut(body.messageId)
    } else if ('passes' in act) {
      if (this.options.canMoveTime) await this.post(`/v1/customers/${id}/fast-forward`, { by: act.passes })
    } else await this.unsubscribe(id)
  }

  private async unsubscribe(id: string): Promise<void> {
    const ref = await this.firstMail(id)
    const oneClick = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
    if (ref) await fetch(this.options.unsubscribeUrl(ref), { method: 'POST', body: oneClick })
  }

  private async firstMail(id: string): Promise<string | undefined> {
    for (let tries = 0; tries < 200 && !this.stopped; tries++) {
      const { items } = await this.options.store.touchpoints.ofCustomer(id, { limit: 1 })
      if (items[0]?.status === 'sent') return items[0].ref
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return undefined
  }

  private async handedOut(messageId: string): Promise<void> {
    for (let tries = 0; tries < 200 && !this.stopped; tries++) {
      const event = await this.options.store.events.byMessageId(messageId)
      if (event && event.state !== 'pending') return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  private async post(target: string, body: unknown): Promise<void> {
    const response = await fetch(this.options.url + target, {
      method: 'POST',
      headers: { authorization: 'Bearer dev', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok)
      throw new Error(`${target} answered ${response.status}: ${(await response.text()).slice(0, 200)}`)
  }
}

/** One line for each touchpoint and each outcome, at the customer's time. */
export function newsLine(news: News): string {
  if (news.kind === 'outcome') {
    const { journey, customerId, outcome, endedAt } = news.ended
    return line(endedAt, customerId, journey, `● ${words(outcome)}`)
  }
  const { row } = news
  const mark = row.status === 'sent' ? '→' : '×'
  return line(
    row.at,
    row.customerId,
    row.journey,
    `${mark} ${row.step} by ${row.channel}: ${row.status}${row.because ? ` (${row.because})` : ''}`,
  )
}

const line = (at: number, customer: string, journey: string, what: string): string =>
  `${formatLocal(at, 'UTC', at - 8 * 86_400_000).padEnd(24)} ${customer.padEnd(10)} ${journey.padEnd(18)} ${what}`

function words(outcome: { is: string; event?: string; because?: string; converted?: boolean }): string {
  const detail = outcome.event ?? outcome.because ?? (outcome.converted ? 'converted anyway' : undefined)
  return detail ? `${outcome.is}: ${detail}` : outcome.is
}

function farewell(url: string, roles: readonly Role[], canMoveTime: boolean): string[] {
  const left = roles.filter((role) => role.left).map((role) => `  ${role.id}: ${role.left}`)
  const curl = (method: string, target: string, body?: string): string =>
    `  curl -s${method === 'GET' ? '' : ` -X ${method}`} -H 'Authorization: Bearer dev'${body ? ` -H 'Content-Type: application/json' -d '${body}'` : ''} ${url}${target}`
  return [
    '',
    'Five customers are left in the middle, for you to play with:',
    ...left,
    '',
    'Send an event, look, move time, pause:',
    curl('POST', '/v1/track', '{"userId":"mira","event":"Project Created","properties":{"name":"First"}}'),
    curl('GET', '/v1/enrollments/trialOnboarding:mira'),
    ...(canMoveTime ? [curl('POST', '/v1/customers/mira/fast-forward', '{"by":"7 days"}')] : []),
    curl('POST', '/v1/enrollments/trialOnboarding:mira/pause', '{"reason":"on holiday"}'),
    curl('GET', '/v1/customers/mira/timeline'),
    '',
  ]
}
