import { z } from 'zod'
import type { Interval } from '../activities/decisioning/confidence-sequence'
import { lift, type Lift, type Share } from '../activities/decisioning/judging/lift'
import { contactEvents } from '../catalog/contacts'
import type { JourneyOutline } from '../sdk'
import { durationMs, type Duration } from '../sdk/time/duration'
import type { Group, Store } from '../store/store'
import { instant, iso } from './shapes'

/** As long as the engine watches those held out of a journey whose goal has no time. */
const WATCHED_FOR: Duration = '90 days'

/** How long after it began a conversion counts. */
export const timeFor = ({ goal }: Pick<JourneyOutline, 'goal'>): Duration =>
  (goal?.within as Duration | undefined) ?? WATCHED_FOR

const group = z.object({
  of: z.int().describe('Customers whose time is over, by their first enrollment'),
  converted: z.int().describe('Within that time'),
  rate: z.number().nullable(),
  unwatched: z
    .int()
    .describe('Their enrollment came to its end before that time: what they did later is not known'),
  contacted: z.int().describe('Who came to us by themselves within that time of the wall clock'),
  contacts: z.int().describe('How often they did, together'),
})

const interval = z.object({ low: z.number(), high: z.number() })

export const difference = z
  .object({
    difference: z.number().nullable().describe('null: one of the groups has not two'),
    standardError: z.number().nullable(),
    once: interval.describe('95 %, for one look at a time chosen before (Newcombe 1998)'),
    always: interval.describe('95 %, however often one looks (Turner and Grünwald 2023)'),
  })
  .meta({ id: 'Difference' })

export const journeyReport = z
  .object({
    journey: z.string(),
    within: z.string().describe('How long after it began a conversion counts'),
    since: instant.nullable(),
    holdout: z.number().describe('The share that the newest build holds out'),
    treated: group,
    heldOut: group,
    lift: difference.describe('Of the share that converts: that of the treated, less that of those held out'),
    contactEvents: z.array(z.string()).describe('How customers come to us; outbound calls do not count'),
    spared: difference.describe(
      'Of the share that comes to us: that of those held out, less that of the treated',
    ),
    avoided: z
      .object({ value: z.number().nullable(), once: interval, always: interval })
      .describe('The same in customers: so many treated ones had no need to come to us'),
    warnings: z.array(z.string()).describe('What keeps it from saying more, in plain words'),
  })
  .meta({ id: 'JourneyReport' })

export interface ReportAsked {
  readonly within?: Duration
  readonly since?: number
}

/** What a journey adds to the share of customers who reach its goal, and which contacts it spares, beside those whom it holds out. */
export async function journeyReportOf(
  store: Store,
  outline: JourneyOutline,
  { within = timeFor(outline), since }: ReportAsked,
): Promise<z.output<typeof journeyReport>> {
  const { treated, heldOut } = await store.past.groups(outline.name, {
    since: since ?? 0,
    withinMs: durationMs(within),
    contacts: contactEvents,
  })
  const spared = lift(contacting(heldOut), contacting(treated))
  return {
    journey: outline.name,
    within,
    since: since === undefined ? null : iso(since),
    holdout: outline.holdout,
    treated: withRate(treated),
    heldOut: withRate(heldOut),
    lift: lift(treated, heldOut),
    contactEvents: [...contactEvents],
    spared,
    avoided: inCustomers(spared, treated.of),
    warnings: warningsOn(outline, treated, heldOut),
  }
}

const withRate = (group: Group) => ({
  ...group,
  rate: group.of === 0 ? null : group.converted / group.of,
})

const contacting = ({ of, contacted }: Group): Share => ({ of, converted: contacted })

function inCustomers({ difference, once, always }: Lift, of: number) {
  const times = ({ low, high }: Interval): Interval => ({ low: low * of, high: high * of })
  return { value: difference === null ? null : difference * of, once: times(once), always: times(always) }
}

const FEW = 10

function warningsOn({ goal, holdout }: JourneyOutline, treated: Group, heldOut: Group): string[] {
  const few = Math.min(...[treated, heldOut].flatMap(({ of, converted }) => [converted, of - converted]))
  return [
    ...(goal ? [] : ['The journey has no goal, so nothing converts.']),
    ...(holdout > 0 || heldOut.of > 0
      ? []
      : ['The journey holds nobody out, so there is nothing to compare with.']),
    ...(treated.unwatched > 0
      ? [
          `${treated.unwatched} of ${treated.of} treated came to the journey’s end before their time was over; what they did later does not count, while those held out were watched to the end. Ask for a shorter time.`,
        ]
      : []),
    ...(few < FEW && heldOut.of > 0
      ? [
          `Fewer than ${FEW} converted, or did not, in one of the groups: the intervals say how little that tells.`,
        ]
      : []),
  ]
}
