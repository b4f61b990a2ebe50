import { firstLimits, type ConsentWord, type Limits, type Stop, type SuppressedBecause } from '../contact'
import type { Nouns } from '../journey'
import { parseDate } from '../time/instant'
import type { TouchpointToDeliver } from '../touchpoint'
import type { Fate } from './ledger'
import type { Beginning, Rehearsable } from './life'
import { Story, type When } from './story'
import { CallFailed } from './virtual-host'
import { VirtualStage } from './virtual-stage'

/** Answers of the adopter's activities, by their names; one that throws has failed. */
export type Answers<Activities> = {
  readonly [Name in keyof Activities]?: Activities[Name] extends (input: infer Input) => infer Value
    ? (input: Input) => Value | Awaited<Value>
    : never
}

/** Who is in a story, when it begins, and what surrounds it. */
export interface Setting<N extends Nouns> {
  /** Default: `{ id: 'ada', email: 'ada@example.com' }`; what is given adds to that or replaces it. */
  readonly customer?: { readonly id?: string } & Partial<N['traits']>
  /** Default: Monday 2 March 2026, 9 o'clock by the customer's clock. */
  readonly at?: Exclude<When, `+${string}`>
  /** What differs from the limits of a new deployment. */
  readonly limits?: Partial<Limits>
  /** What the customer has said. */
  readonly consents?: readonly ConsentWord[]
  /** Why none of the customer's addresses is to be used. */
  readonly suppressed?: readonly SuppressedBecause[]
  /** What operators stopped. */
  readonly stops?: readonly Stop[]
  /** For customers whose profile does not tell their zone; default UTC. */
  readonly defaultTimeZone?: string
  /** Other journeys the customer may be in as well. */
  readonly beside?: readonly Rehearsable[]
  /** What becomes of a step's touchpoints; a list: of the first, the second, and so on. Default: sent. */
  readonly fates?: Readonly<Record<string, Fate | readonly Fate[]>>
  /** The arm that a step decides for, by steps; where it is not offered, or nothing is said, the first one that is. */
  readonly decides?: Readonly<Record<string, string>>
  /** Revisions that the customer has passed before they came, by their ids: `old`. Default: new. */
  readonly revisions?: Readonly<Record<string, 'new' | 'old'>>
  /** The customer's row in a database of your own, where decisions look it up; without it every condition on it holds. */
  readonly lookedUp?: Readonly<Record<string, unknown>>
  readonly calls?: Answers<N['activities']>
}

/** Tells a story of one customer in a journey. */
export type Rehearse<N extends Nouns> = (journey: Rehearsable, setting?: Setting<N>) => Story<N>

const START = '2026-03-02T09:00'

/** Binds the adopter's journeys, by their names, and nouns: once, in workflows/testing.ts. */
export const rehearsals =
  <N extends Nouns>(journeys: Readonly<Record<string, Rehearsable>>): Rehearse<N> =>
  (journey, setting = {}) => {
    const nameOf = (asked: Rehearsable): string => nameIn(journeys, asked)
    const cast = [journey, ...(setting.beside ?? [])]
    const known = Object.fromEntries(cast.map((each) => [nameOf(each), each]))
    return new Story<N>({
      journey: nameOf(journey),
      nameOf,
      begin: () => new VirtualStage(beginningOf(setting as Setting<Nouns>, known)),
    })
  }

export function nameIn(journeys: Readonly<Record<string, Rehearsable>>, asked: Rehearsable): string {
  const found = Object.entries(journeys).find(([, journey]) => journey === asked)
  if (!found) throw new Error('The journey is none of those that rehearsals(…) was given; is it exported?')
  return found[0]
}

export function beginningOf(
  setting: Setting<Nouns>,
  journeys: Readonly<Record<string, Rehearsable>>,
): Beginning {
  const { defaultTimeZone = 'UTC', limits, consents, suppressed, stops, lookedUp } = setting
  const { id: customerId, ...traits } = { id: 'ada', email: 'ada@example.com', ...setting.customer }
  const at = parseDate(setting.at ?? START, (traits as { timezone?: string }).timezone ?? defaultTimeZone)
  if (at === undefined) throw new RangeError(`"${setting.at}" is no time; write it like ${START}`)
  return {
    customerId,
    traits,
    at,
    journeys,
    limits: { ...firstLimits, ...limits },
    consents,
    suppressed,
    stops,
    lookedUp,
    defaultTimeZone,
    fateOf: (touchpoint) => fateOf(setting, touchpoint),
    armOf: ({ step }) => decidedIn(setting, step),
    call: (activity, input) => answerOf(setting, activity, input),
    revision: (id) => !isOld(setting, id),
  }
}

const sent: Fate = { is: 'sent' }

function fateOf({ fates = {} }: Setting<Nouns>, { step, occurrence }: TouchpointToDeliver): Fate {
  const fate = Object.hasOwn(fates, step) ? fates[step]! : sent
  return Array.isArray(fate) ? ((fate as readonly Fate[])[occurrence - 1] ?? sent) : (fate as Fate)
}

const decidedIn = ({ decides = {} }: Setting<Nouns>, step: string): string | undefined =>
  Object.hasOwn(decides, step) ? decides[step] : undefined

const isOld = ({ revisions = {} }: Setting<Nouns>, id: string): boolean =>
  Object.hasOwn(revisions, id) && revisions[id] === 'old'

async function answerOf({ calls = {} }: Setting<Nouns>, activity: string, input: unknown): Promise<unknown> {
  const answer = (calls as Record<string, ((input: unknown) => unknown) | undefined>)[activity]
  if (!answer)
    throw new Error(`The journey calls ${activity}: say what it answers, { calls: { ${activity}: … } }`)
  try {
    return await answer(input)
  } catch (error) {
    throw new CallFailed((error as Error).message)
  }
}
