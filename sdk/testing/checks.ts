import type { Outcome } from '../outcome'
import { parseDate } from '../time/instant'
import type { Moment } from './picture'
import type { Difference, Seen, SeenEnrollment, SeenTask, SeenTouchpoint } from './stage'

/** What is expected of the next touchpoint of a journey. */
export interface ExpectedTouchpoint {
  readonly status: string
  readonly step: string
  readonly because?: string
  /** ISO 8601 to the minute; without a zone by the customer's clock. */
  readonly at?: string
}

/** An outcome, as far as it matters. */
export interface ExpectedOutcome {
  readonly is: 'converted' | 'completed' | 'exited' | 'held out' | 'failed'
  readonly because?: string
  readonly event?: string
  readonly converted?: boolean
}

export type Check = (seen: Seen, moment: Moment) => Difference | undefined

const held = ({ status }: SeenTouchpoint): boolean => status === 'held' || status === 'proposed'

/** Those of a journey whose fates are known. */
export const settledOf = ({ touchpoints }: Seen, journey: string): SeenTouchpoint[] =>
  touchpoints.filter((touchpoint) => touchpoint.journey === journey && !held(touchpoint))

/** The touchpoint of that number is the expected one. */
export const touchpointIs =
  (journey: string, number: number, expected: ExpectedTouchpoint): Check =>
  (seen, { zone }) => {
    const found = settledOf(seen, journey)[number]
    const words = `${expected.step} ${inWords(expected)}${expected.at ? ` at ${expected.at}` : ''}`
    if (!found) return { expected: words, instead: heldInstead(seen, journey, expected) }
    return fits(found, expected, zone) ? undefined : { expected: words, ...thatCame(found) }
  }

const thatCame = (found: SeenTouchpoint) => ({
  touchpoint: found.id,
  instead: `${found.step} ${inWords(found)} came instead`,
})

const heldInstead = ({ touchpoints }: Seen, journey: string, { step }: ExpectedTouchpoint): string => {
  const found = touchpoints.find((each) => each.journey === journey && each.step === step && held(each))
  return found ? `it is held (${found.because})` : 'nothing more came'
}

function fits(
  found: SeenTouchpoint,
  { status, step, because, at }: ExpectedTouchpoint,
  zone: string,
): boolean {
  const isThere = found.step === step && found.status === status
  return isThere && (because === undefined || found.because === because) && isAt(found.at, at, zone)
}

function isAt(found: number, at: string | undefined, zone: string): boolean {
  if (at === undefined) return true
  const expected = parseDate(at, zone)
  if (expected === undefined) throw new RangeError(`"${at}" is no date; write it like 2026-03-05T09:00`)
  return Math.floor(found / 60_000) === Math.floor(expected / 60_000)
}

export const inWords = ({ status, because }: { status: string; because?: string | null }): string =>
  because ? `${status} (${because})` : status

/** No touchpoint came beside those expected. */
export const nothingMore =
  (journey: string, number: number): Check =>
  (seen) => {
    const more = settledOf(seen, journey)[number]
    return more && { expected: 'nothing more', ...thatCame(more) }
  }

export const isHeld =
  (journey: string, step: string, because: string | undefined): Check =>
  ({ touchpoints }) => {
    const found = touchpoints.filter((each) => each.journey === journey && each.step === step).at(-1)
    if (found && held(found) && (because === undefined || found.because === because)) return undefined
    const expected = `${step} ${inWords({ status: 'held', because })}`
    return { expected, instead: found ? `it is ${inWords(found)}` : 'it was not asked for' }
  }

/** Where there are several enrollments, one that does is enough. */
export const waitsAt =
  (journey: string, step: string): Check =>
  (seen) => {
    const own = enrollmentsIn(seen, journey)
    const waits = own.some((each) => each.outcome === null && each.waits.some((wait) => wait.step === step))
    return waits ? undefined : { expected: `waiting at ${step}`, instead: whereabouts(own) }
  }

export const taskIs =
  (journey: string, step: string, status: SeenTask['status']): Check =>
  ({ tasks }) => {
    const found = tasks.findLast((each) => each.journey === journey && each.step === step)
    if (found?.status === status) return undefined
    const instead = found ? `it is ${found.status}` : 'there is none'
    return { expected: `the task ${step} ${status}`, instead }
  }

/** Where there are several enrollments, one that did is enough. */
export const endedAs =
  (journey: string, expected: ExpectedOutcome): Check =>
  (seen) => {
    const own = enrollmentsIn(seen, journey)
    if (own.some(({ outcome }) => outcome && isLike(outcome, expected))) return undefined
    return { expected: `the outcome ${JSON.stringify(expected)}`, instead: whereabouts(own) }
  }

const enrollmentsIn = ({ enrollments }: Seen, journey: string): SeenEnrollment[] =>
  enrollments.filter((each) => each.journey === journey)

const isLike = (outcome: Outcome, expected: ExpectedOutcome): boolean =>
  Object.entries(expected).every(
    ([name, value]) => value === undefined || (outcome as unknown as Record<string, unknown>)[name] === value,
  )

const whereabouts = (enrollments: readonly SeenEnrollment[]): string =>
  enrollments.length > 0 ? enrollments.map(whereaboutsOf).join('; ') : 'not enrolled'

function whereaboutsOf({ outcome, waits }: SeenEnrollment): string {
  if (outcome) return `it ended: ${JSON.stringify(outcome)}`
  return waits.length > 0 ? `waiting at ${waits.map(({ step }) => step).join(' and ')}` : 'under way'
}

export const enrolledIn =
  (journey: string): Check =>
  ({ enrollments }) =>
    enrollments.some((each) => each.journey === journey)
      ? undefined
      : { expected: `enrolled into ${journey}`, instead: 'not enrolled' }

export const hasTraits =
  (expected: Readonly<Record<string, unknown>>): Check =>
  ({ traits }) => {
    const wrong = Object.entries(expected).find(([name, value]) => traits[name] !== value)
    if (!wrong) return undefined
    const [name, value] = wrong
    return { expected: `${name} ${JSON.stringify(value)}`, instead: `${JSON.stringify(traits[name])}` }
  }
