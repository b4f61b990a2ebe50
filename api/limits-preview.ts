import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { livedAgain, longestWindowMs, type Limits, type Previewed, type Would } from '../sdk/contact'
import { grouped } from '../sdk/grouped'
import type { Api } from './deps'
import { outlinesOf } from './routes/journeys'
import { instant, iso } from './shapes'

const LOOK_BACK_MS = 30 * 86_400_000
const MOST_TOUCHPOINTS = 20_000
const MOST_OF_ONE = 1_000
const CUSTOMERS_AT_ONCE = 100
const LONGEST_MS = 10_000

const counts = z.object({ sent: z.int(), held: z.int(), withheld: z.int() })

const place = z.object({
  journey: z.string(),
  channel: z.string(),
  was: counts,
  would: counts,
  heldMedianMs: z.int().nullable().describe('How long half of those held would have waited, at most'),
})

const rule = z.object({
  because: z.string(),
  held: z.int(),
  withheld: z.int(),
  ofThoseSent: z.int().describe('Of both: those that went out at once in truth'),
})

export const preview = z
  .object({
    since: instant,
    until: instant,
    touchpoints: z.int().describe('Recorded in that time'),
    judged: z.int().describe('Looked at; all figures below are of these'),
    oneIn: z.int().describe('One customer in so many was looked at, chosen by hash'),
    complete: z.boolean().describe('false: it took too long, or a customer had more than could be looked at'),
    was: counts,
    would: counts,
    byJourney: z.array(place),
    byRule: z.array(rule),
    unknown: z.array(z.string()).describe('What the ledger cannot tell'),
  })
  .meta({ id: 'LimitsPreview' })

const unknown = [
  'Profiles are taken as they are now: where a customer lived then is not on record.',
  'What was held counts from when it was last decided on, and each is worth waiting for as long as holdFor says.',
  'Stops are left out; who could not be reached, or had left the journey, stays withheld.',
  'Priorities are as recorded, so changed levers and contexts change nothing here; and no place is kept for better ones to come.',
  'What customers would have done about other messages, and journeys about other answers, nobody knows.',
]

/** What these limits would have done to the last 30 days, by the rules' own code over the ledger. */
export async function previewOf(limits: Limits, api: Api): Promise<z.output<typeof preview>> {
  const now = Date.now()
  const since = now - LOOK_BACK_MS
  const { total, oneIn, customers } = await api.store.past.sample(since, MOST_TOUCHPOINTS)
  const { lived, complete } = await liveAgain(customers, limits, { since, now }, api)
  return {
    since: iso(since),
    until: iso(now),
    touchpoints: total,
    judged: lived.length,
    oneIn,
    complete,
    was: countsOf(lived, wasOf),
    would: countsOf(lived, wouldOf),
    byJourney: inOrder(lived, placeOf).map(inPlace),
    byRule: byRule(lived),
    unknown,
  }
}

async function liveAgain(
  customers: readonly string[],
  limits: Limits,
  { since, now }: { since: number; now: number },
  api: Api,
): Promise<{ lived: Previewed[]; complete: boolean }> {
  const zones = await zonesOf(api)
  const lived: Previewed[] = []
  let complete = true
  for (let from = 0; from < customers.length; from += CUSTOMERS_AT_ONCE) {
    const some = customers.slice(from, from + CUSTOMERS_AT_ONCE)
    for (const past of await api.store.past.ofCustomers(some, since, longestWindowMs(limits), MOST_OF_ONE)) {
      if (Date.now() - now > LONGEST_MS) return { lived, complete: false }
      if (past.touchpoints.length === MOST_OF_ONE) complete = false
      lived.push(...livedAgain(past, { limits, zones, now }))
      await nextTurn()
    }
  }
  return { lived, complete }
}

async function zonesOf(api: Api) {
  const journeys = new Map((await outlinesOf(api)).map(({ name, timeZone }) => [name, timeZone]))
  const deployment = api.defaultTimeZone ?? 'UTC'
  return (journey: string) => ({ journey: journeys.get(journey), deployment })
}

const wasOf = ({ touchpoint }: Previewed) => touchpoint.was
const wouldOf = ({ would }: Previewed) => would.is
const placeOf = ({ touchpoint: { journey, channel } }: Previewed): string =>
  JSON.stringify([journey, channel])

function countsOf(lived: readonly Previewed[], what: (one: Previewed) => Would['is']) {
  const count = (is: Would['is']): number => lived.filter((each) => what(each) === is).length
  return { sent: count('sent'), held: count('held'), withheld: count('withheld') }
}

const inOrder = (lived: readonly Previewed[], by: (one: Previewed) => string): Previewed[][] =>
  [...grouped(lived, by)].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group)

function inPlace(lived: readonly Previewed[]): z.output<typeof place> {
  const { journey, channel } = lived[0]!.touchpoint
  const waits = lived.flatMap(({ would }) => (would.is === 'held' ? [would.forMs] : []))
  return {
    journey,
    channel,
    was: countsOf(lived, wasOf),
    would: countsOf(lived, wouldOf),
    heldMedianMs: waits.sort((one, other) => one - other)[Math.floor((waits.length - 1) / 2)] ?? null,
  }
}

function byRule(lived: readonly Previewed[]): z.output<typeof rule>[] {
  const stopped = lived.filter(({ would }) => would.is !== 'sent')
  return inOrder(stopped, becauseOf).map((group) => ({
    because: becauseOf(group[0]!),
    held: countsOf(group, wouldOf).held,
    withheld: countsOf(group, wouldOf).withheld,
    ofThoseSent: countsOf(group, wasOf).sent,
  }))
}

const becauseOf = ({ would }: Previewed): string => (would.is === 'sent' ? '' : would.because)
