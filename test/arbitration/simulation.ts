import {
  WANTED_FOR_MS,
  judge,
  priorityOf,
  type Contact,
  type Counted,
  type Judgment,
  type Limits,
  type Rival,
} from '../../sdk/contact'
import type { SimulatedCustomer, Wish } from './world'

/** By what the places go: worth, or arrival. */
export type Order = 'by worth' | 'first come'

export interface Fate {
  readonly wish: Wish
  /** When it went out, by the customer's clock; undefined when it did not. */
  readonly sentAt: number | undefined
  /** Why it did not. */
  readonly because: string | undefined
  /** How often it was judged. */
  readonly asked: number
}

interface Touchpoint {
  readonly wish: Wish
  readonly priority: number
  status: 'coming' | 'proposed' | 'held' | 'done'
  at: number
  /** When it asks (again), by the simulated clock. */
  due: number
  heldUntil: number | null
  heldBecause: Contact['proposal']['heldBecause']
  expiresAt: number | null
  sentAt: number | undefined
  because: string | undefined
  asked: number
}

/** A customer's year: the real rules over facts in memory, in virtual time. */
export function yearOf(customer: SimulatedCustomer, limits: Limits, order: Order): Fate[] {
  const touchpoints = customer.wishes.map((wish) => comingOf(wish, limits, order))
  const counted: Counted[] = []
  const open = new Set<Touchpoint>()
  let next = 0
  for (;;) {
    const waiting = [...open].reduce<Touchpoint | undefined>(
      (one, other) => (one && one.due <= other.due ? one : other),
      undefined,
    )
    const coming = touchpoints[next]
    const current = coming && (!waiting || coming.due <= waiting.due) ? coming : waiting
    if (!current) return touchpoints.map(fateOf)
    if (current === coming) next++
    open.add(current)
    if (current.status !== 'proposed') current.at = current.due
    current.asked++
    apply(
      current,
      judge(
        contactOf(customer, limits, current, counted, open, touchpoints.slice(Math.max(0, next - 60), next)),
      ),
      counted,
    )
    if (current.status === 'done') open.delete(current)
  }
}

const comingOf = (wish: Wish, { arbitration }: Limits, order: Order): Touchpoint => ({
  wish,
  priority:
    order === 'by worth' ? priorityOf(wish, { journey: wish.journey, channel: 'email' }, arbitration) : 1,
  status: 'coming',
  at: wish.at,
  due: wish.at,
  heldUntil: null,
  heldBecause: null,
  expiresAt: null,
  sentAt: undefined,
  because: undefined,
  asked: 0,
})

function apply(touchpoint: Touchpoint, judgment: Judgment, counted: Counted[]): void {
  switch (judgment.is) {
    case 'allowed':
      counted.push({
        at: touchpoint.at,
        channel: 'email',
        category: 'marketing',
        journey: touchpoint.wish.journey,
      })
      return void Object.assign(touchpoint, { status: 'done', sentAt: touchpoint.at })
    case 'withheld':
      return void Object.assign(touchpoint, { status: 'done', because: judgment.because })
    case 'proposed':
      return void Object.assign(touchpoint, { status: 'proposed', due: touchpoint.at + judgment.waitMs })
    case 'held': {
      const { until, expiresAt, because } = judgment
      const due = Math.max(until, touchpoint.at + 1)
      return void Object.assign(touchpoint, {
        status: 'held',
        due,
        heldUntil: until,
        heldBecause: because,
        expiresAt,
      })
    }
  }
}

function contactOf(
  { id, zone, wishes }: SimulatedCustomer,
  limits: Limits,
  current: Touchpoint,
  counted: readonly Counted[],
  open: ReadonlySet<Touchpoint>,
  all: readonly Touchpoint[],
): Contact {
  const { wish, at, priority, expiresAt, heldBecause, asked } = current
  return {
    customerId: id,
    customer: { id, traits: {} },
    consents: [],
    suppressedBecause: [],
    counted: counted.slice(-10),
    rivals: [...open].filter((other) => other !== current && other.status !== 'coming').map(rivalOf),
    wanted: all
      .filter((other) => other !== current && other.status !== 'coming' && other.at > at - WANTED_FOR_MS)
      .map(({ wish, at, priority, sentAt }) => ({
        at,
        channel: 'email',
        category: 'marketing',
        journey: wish.journey,
        priority,
        went: sentAt !== undefined,
      })),
    otherEnrollments: new Set(wishes.map(({ journey }) => journey)).size - 1,
    stops: [],
    limits,
    reachable: true,
    zone: { name: zone, source: 'profile' },
    country: undefined,
    proposal: {
      id: wish.id,
      journey: wish.journey,
      step: 'send',
      channel: 'email',
      provider: 'simulated',
      category: 'marketing',
      topic: null,
      priority,
      at,
      expiresAt,
      heldBecause,
      proposed: asked > 1,
      worthMs: null,
    },
  }
}

const rivalOf = ({ wish, priority, status, at, heldUntil, expiresAt }: Touchpoint): Rival => ({
  id: wish.id,
  journey: wish.journey,
  channel: 'email',
  category: 'marketing',
  priority,
  status: status as Rival['status'],
  at,
  heldUntil,
  expiresAt,
})

const fateOf = ({ wish, sentAt, because, asked }: Touchpoint): Fate => ({ wish, sentAt, because, asked })
