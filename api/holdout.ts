import { z } from 'zod'
import { lift } from '../activities/decisioning/judging/lift'
import type { JourneyOutline } from '../sdk'
import { firstLimits, isHeldOut } from '../sdk/contact'
import { durationMs } from '../sdk/time/duration'
import type { Conversions, LimitsRevision, Store } from '../store/store'
import { difference, timeFor } from './journey-report'
import { instant, isoOrNull } from './shapes'

const CUSTOMERS_A_PAGE = 5_000

const group = z.object({
  enrolled: z.int(),
  converted: z.int(),
  rate: z.number().nullable().describe('converted / enrolled; those still under way count as not converted'),
  over: z.int().describe('Customers whose time for the goal is over, by their first enrollment since then'),
  inTime: z.int().describe('Of those: converted within that time'),
})

export const holdoutReport = z
  .object({
    share: z.number().describe('Of customers, kept out of all marketing'),
    since: instant.nullable().describe('Since when the share is this; null: from the start'),
    customers: z.object({ heldOut: z.int(), others: z.int() }),
    journeys: z
      .array(
        z.object({
          journey: z.string(),
          heldOut: group,
          others: group,
          lift: difference.describe(
            'Of the share that converts in time: that of the others, less that of those kept out',
          ),
        }),
      )
      .describe('Enrollments since then. The held out live through journeys as well, without marketing'),
  })
  .meta({ id: 'HoldoutReport' })

type Group = z.output<typeof group>
type Sums = Map<string, { heldOut: Counts; others: Counts }>
type Counts = { enrolled: number; converted: number; over: number; inTime: number }

/** What all of marketing does: those kept out of it beside the others. The hash is ours, so every id is read, in pages. */
export async function holdoutReportOf(
  store: Store,
  outlines: readonly JourneyOutline[],
): Promise<z.output<typeof holdoutReport>> {
  const current = await store.limits.current()
  const share = current.limits.holdout
  const since = await sinceWhen(store, current)
  const customers = { heldOut: 0, others: 0 }
  const sums: Sums = new Map()
  const asked = { since: since ?? 0, ...timesOf(outlines) }
  for (let after: string | undefined; ;) {
    const page = await store.past.conversions(asked, after, CUSTOMERS_A_PAGE)
    const heldOut = new Set(page.customers.filter((id) => isHeldOut(id, share)))
    customers.heldOut += heldOut.size
    customers.others += page.customers.length - heldOut.size
    for (const each of page.conversions) add(sums, each, heldOut.has(each.customerId) ? 'heldOut' : 'others')
    if (page.customers.length < CUSTOMERS_A_PAGE) break
    after = page.customers.at(-1)
  }
  return { share, since: isoOrNull(since), customers, journeys: journeysIn(sums) }
}

const timesOf = (outlines: readonly JourneyOutline[]) => ({
  withinMs: Object.fromEntries(outlines.map((outline) => [outline.name, durationMs(timeFor(outline))])),
  otherwiseMs: durationMs(timeFor({})),
})

function add(sums: Sums, { journey, ...told }: Conversions, which: 'heldOut' | 'others'): void {
  const none = (): Counts => ({ enrolled: 0, converted: 0, over: 0, inTime: 0 })
  const sum = sums.get(journey) ?? { heldOut: none(), others: none() }
  sum[which].enrolled += told.enrolled
  sum[which].converted += told.converted
  sum[which].over += Number(told.isOver)
  sum[which].inTime += Number(told.inTime)
  sums.set(journey, sum)
}

const journeysIn = (sums: Sums) =>
  [...sums]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([journey, { heldOut, others }]) => ({
      journey,
      heldOut: withRate(heldOut),
      others: withRate(others),
      lift: lift(inTimeOf(others), inTimeOf(heldOut)),
    }))

const inTimeOf = ({ inTime, over }: Counts) => ({ converted: inTime, of: over })

const withRate = (counts: Counts): Group => ({
  ...counts,
  rate: counts.enrolled === 0 ? null : counts.converted / counts.enrolled,
})

/** Since when the share is what it is, however often other limits changed; null: from the start. */
async function sinceWhen(store: Store, current: LimitsRevision): Promise<number | null> {
  let first = current
  for (let cursor: string | undefined; ;) {
    const page = await store.limits.history({ limit: 200, cursor }, 'replaced')
    for (const revision of page.items) {
      if (revision.limits.holdout !== current.limits.holdout) return beganAt(first)
      first = revision
    }
    if (page.next === null) break
    cursor = page.next
  }
  return first.limits.holdout === firstLimits.holdout ? null : beganAt(first)
}

const beganAt = ({ decided, written }: LimitsRevision): number | null => decided?.at ?? written?.at ?? null
