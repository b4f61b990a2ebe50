import { z } from 'zod'
import { lift, type Share } from '../activities/decisioning/judging/lift'
import { contactEvents } from '../catalog/contacts'
import type { JourneyEffect, Store } from '../store/store'
import { instant, iso } from './shapes'

const group = z.object({
  enrollments: z.int(),
  converted: z.int(),
  contacted: z.int().describe('Of them those whose customer came to us at least once within the time'),
  contacts: z.int().describe('How often they did, together'),
})

const figure = z
  .object({
    value: z.number().nullable().describe('null: one of the groups has not two'),
    low: z.number(),
    high: z.number(),
  })
  .describe('With its 95 % interval, for one look at a time chosen before (Newcombe 1998, method 10)')
  .meta({ id: 'Difference' })

export const journeyReport = z
  .object({
    journey: z.string(),
    since: instant,
    within: z.string(),
    contactEvents: z.array(z.string()),
    treated: group,
    heldOut: group,
    converted: figure.describe('How much larger the share that converts is among the treated'),
    contacted: figure.describe('How much smaller the share that comes to us is among the treated'),
    avoided: figure.describe(
      'The same in enrollments: so many treated ones whose customers had no need to come',
    ),
  })
  .meta({ id: 'JourneyReport' })

const nobody: JourneyEffect = { enrollments: 0, converted: 0, contacted: 0, contacts: 0 }

/** What a journey does, against those it keeps out: of enrollments that began since then and whose time is over. */
export async function journeyReportOf(
  store: Store,
  journey: string,
  { since, within, withinMs }: { since: number; within: string; withinMs: number },
): Promise<z.output<typeof journeyReport>> {
  const effects = await store.past.effects(journey, { since, withinMs, contacts: contactEvents })
  const { treated = nobody, heldOut = nobody } = effects
  const fewer = lift(shareOf(heldOut, 'contacted'), shareOf(treated, 'contacted'))
  const more = lift(shareOf(treated, 'converted'), shareOf(heldOut, 'converted'))
  return {
    journey,
    since: iso(since),
    within,
    contactEvents: [...contactEvents],
    treated,
    heldOut,
    converted: figureOf(more, 1),
    contacted: figureOf(fewer, 1),
    avoided: figureOf(fewer, treated.enrollments),
  }
}

const shareOf = (effect: JourneyEffect, what: 'converted' | 'contacted'): Share => ({
  converted: effect[what],
  of: effect.enrollments,
})

const figureOf = ({ difference, once }: ReturnType<typeof lift>, times: number): z.output<typeof figure> => ({
  value: difference === null ? null : difference * times,
  low: once.low * times,
  high: once.high * times,
})
