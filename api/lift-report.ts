import { z } from 'zod'
import { lift } from '../activities/decisioning/judging/lift'
import type { JourneyOutline } from '../sdk'
import { durationMs, type Duration } from '../sdk/time/duration'
import type { Group, Store } from '../store/store'
import { instant, iso } from './shapes'

/** As long as the engine watches those held out of a journey whose goal has no time. */
const WATCHED_FOR: Duration = '90 days'

const group = z.object({
  of: z.int().describe('Customers whose time is over, by their first enrollment'),
  converted: z.int().describe('Within that time'),
  rate: z.number().nullable(),
  unwatched: z
    .int()
    .describe('Their enrollment came to its end before that time: what they did later is not known'),
})

const interval = z.object({ low: z.number(), high: z.number() })

export const liftReport = z
  .object({
    journey: z.string(),
    within: z.string().describe('How long after it began a conversion counts'),
    since: instant.nullable(),
    holdout: z.number().describe('The share that the newest build holds out'),
    treated: group,
    heldOut: group,
    lift: z.object({
      difference: z.number().nullable().describe('Of the treated, less that of those held out'),
      standardError: z.number().nullable(),
      once: interval.describe('95 %, for one look at a time chosen before (Newcombe 1998)'),
      always: interval.describe('95 %, however often one looks (Turner and Grünwald 2023)'),
    }),
    warnings: z.array(z.string()).describe('What keeps it from saying more, in plain words'),
  })
  .meta({ id: 'LiftReport' })

export interface LiftAsked {
  readonly within?: Duration
  readonly since?: number
}

/** What a journey adds to the share of customers who reach its goal, beside those whom it holds out. */
export async function liftReportOf(
  store: Store,
  outline: JourneyOutline,
  { within = (outline.goal?.within as Duration | undefined) ?? WATCHED_FOR, since }: LiftAsked,
): Promise<z.output<typeof liftReport>> {
  const { treated, heldOut } = await store.past.groups(outline.name, since ?? 0, durationMs(within))
  return {
    journey: outline.name,
    within,
    since: since === undefined ? null : iso(since),
    holdout: outline.holdout,
    treated: withRate(treated),
    heldOut: withRate(heldOut),
    lift: lift(treated, heldOut),
    warnings: warningsOn(outline, treated, heldOut),
  }
}

const withRate = ({ of, converted, unwatched }: Group) => ({
  of,
  converted,
  unwatched,
  rate: of === 0 ? null : converted / of,
})

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
