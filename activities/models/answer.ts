import type { Context } from '../../sdk/decision'
import type { NoScores, Says } from '../../sdk/model'

/** What a model is asked: the arms that may be chosen for a customer, but for the one that their effects are against. */
export interface Question {
  readonly customerId: string
  readonly journey: string
  readonly step: string
  readonly arms: readonly { readonly arm: string; readonly features?: Readonly<Record<string, number>> }[]
  readonly context: Context
  readonly baseline?: string
}

/** A number for each of the arms asked about, or why there is none. */
export type Answer = Scored | Unscored

export interface Scored {
  readonly is: 'scored'
  readonly scores: Readonly<Record<string, number>>
  /** Of the model, in its own words. */
  readonly version?: string
  readonly cached?: true
}

export interface Unscored {
  readonly is: 'unscored'
  readonly because: NoScores
  readonly detail?: string
}

export const unscored = (because: NoScores, detail?: string): Unscored => ({
  is: 'unscored',
  because,
  detail,
})

const LONGEST_VERSION = 100

/** Takes scores that are about exactly these arms, and numbers that can be what they are said to be. 0 may be said of the baseline. */
export function checked(
  { arms, baseline }: Question,
  says: Says,
  given: Readonly<Record<string, unknown>>,
  version?: unknown,
): Answer {
  const told = Object.keys(given)
  if (baseline !== undefined && told.includes(baseline) && given[baseline] !== 0)
    return unscored('no-number', `the effect of the baseline ${quoted(baseline)} is 0, and nothing else`)
  const strange = told.find((arm) => arm !== baseline && !arms.some((asked) => asked.arm === arm))
  if (strange !== undefined) return unscored('other-arms', `it was not asked about ${quoted(strange)}`)
  const missing = arms.find(({ arm }) => !Object.hasOwn(given, arm))
  if (missing) return unscored('other-arms', `it says nothing of ${quoted(missing.arm)}`)
  const wrong = arms.find(({ arm }) => !fits(given[arm], says))
  if (wrong) return unscored('no-number', `what it says of ${quoted(wrong.arm)} is no ${says}`)
  const scores = Object.fromEntries(arms.map(({ arm }) => [arm, given[arm] as number]))
  return { is: 'scored', scores, version: versionIn(version) }
}

const versionIn = (version: unknown): string | undefined =>
  typeof version === 'string' ? version.slice(0, LONGEST_VERSION) : undefined

const fits = (value: unknown, says: Says): boolean =>
  typeof value === 'number' && Number.isFinite(value) && (says !== 'chance' || (value >= 0 && value <= 1))

// A name may come from a server that went astray.
const quoted = (arm: string): string => `"${arm.slice(0, 60)}"`
