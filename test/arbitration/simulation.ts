import {
  WANTED_FOR_MS,
  judge,
  priorityOf,
  type Contact,
  type Counted,
  type Judgment,
  type Limits,
  type Proposal,
  type Rival,
  type Wanted,
} from '../../sdk/contact'
import type { SimulatedCustomer, Wish } from './world'

/** By what the places go: worth, worth of those that are there already, or arrival. */
export type Order = 'by worth' | 'ranked only' | 'first come'

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
  heldBecause: Proposal['heldBecause']
  expiresAt: number | null
  sentAt: number | undefined
  because: string | undefined
  asked: number
}

/** A customer's year: the real rules over facts in memory, in virtual time. */
export function yearOf(customer: SimulatedCustomer, limits: Limits, order: Order): Fate[] {
  const year: Year = { customer, limits, order, begun: [], counted: [], open: new Set() }
  const coming = customer.wishes.map((wish) => comingOf(wish, limits, order))
  for (let next = coming[0]; next; next = earliest(coming[year.begun.length], year.open)) {
    if (next.status === 'coming') year.begun.push(next)
    year.open.add(next)
    // One that is proposed asks again as of when it was; see deliver.
    if (next.status !== 'proposed') next.at = next.due
    next.asked++
    apply(next, judge(contactOf(year, next)), year.counted)
    if (next.status === 'done') year.open.delete(next)
  }
  return coming.map(fateOf)
}

interface Year {
  readonly customer: SimulatedCustomer
  readonly limits: Limits
  readonly order: Order
  /** All that asked, in order. */
  readonly begun: Touchpoint[]
  readonly counted: Counted[]
  /** Those whose fate is not known. */
  readonly open: Set<Touchpoint>
}

const earliest = (coming: Touchpoint | undefined, open: ReadonlySet<Touchpoint>): Touchpoint | undefined =>
  [...(coming ? [coming] : []), ...open].reduce<Touchpoint | undefined>(
    (one, other) => (one && one.due <= other.due ? one : other),
    undefined,
  )

const comingOf = (wish: Wish, { arbitration }: Limits, order: Order): Touchpoint => ({
  wish,
  priority:
    order !== 'first come' ? priorityOf(wish, { journey: wish.journey, channel: 'email' }, arbitration) : 1,
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
      counted.push({ ...simulated, at: touchpoint.at, journey: touchpoint.wish.journey })
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

function contactOf({ customer, limits, order, begun, counted, open }: Year, current: Touchpoint): Contact {
  const { id, zone, wishes } = customer
  const others = [...open].filter((other) => other !== current)
  const lately = begun
    .slice(-60)
    .filter((other) => other !== current && other.at > current.at - WANTED_FOR_MS)
  return {
    customerId: id,
    customer: { id, traits: {} },
    consents: [],
    suppressedBecause: [],
    counted: counted.slice(-10),
    rivals: others.map(rivalOf),
    wanted: order === 'ranked only' ? [] : lately.map(wantedOf),
    otherEnrollments: new Set(wishes.map(({ journey }) => journey)).size - 1,
    stops: [],
    limits,
    reachable: true,
    zone: { name: zone, source: 'profile' },
    country: undefined,
    proposal: proposalOf(current),
  }
}

const simulated = { channel: 'email', category: 'marketing' } as const

const proposalOf = ({ wish, at, priority, expiresAt, heldBecause, asked }: Touchpoint): Proposal => ({
  ...simulated,
  id: wish.id,
  journey: wish.journey,
  step: 'send',
  provider: 'simulated',
  topic: null,
  priority,
  at,
  expiresAt,
  heldBecause,
  proposed: asked > 1,
  worthMs: null,
})

const wantedOf = ({ wish, at, priority, sentAt }: Touchpoint): Wanted => ({
  ...simulated,
  at,
  journey: wish.journey,
  priority,
  went: sentAt !== undefined,
})

const rivalOf = ({ wish, priority, status, at, heldUntil, expiresAt }: Touchpoint): Rival => ({
  ...simulated,
  id: wish.id,
  journey: wish.journey,
  priority,
  status: status as Rival['status'],
  at,
  heldUntil,
  expiresAt,
  otherEnrollment: wish.journey,
})

const fateOf = ({ wish, sentAt, because, asked }: Touchpoint): Fate => ({ wish, sentAt, because, asked })
