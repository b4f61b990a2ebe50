import { endedAs, inWords, waitsAt, type Check, type ExpectedOutcome } from './checks'
import { coverageFaults, coverageInWords, type Coverage } from './coverage'
import { pictureOf } from './picture'
import type { Rehearsed } from './playing'

interface Verdict {
  readonly pass: boolean
  message(): string
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- this is how jest's matchers are told to TypeScript
  namespace jest {
    interface Matchers<R> {
      /** These steps were sent, in this order, and no others. */
      toHaveSent(...steps: readonly string[]): R
      toHaveWithheld(step: string, because?: string): R
      toHaveEnded(outcome: ExpectedOutcome): R
      toBeWaitingAt(step: string): R
      /** Of `coverageOf`: every way was gone, but for those with a reason why nobody can. */
      toReachEveryWay(because?: Readonly<Record<string, string>>): R
    }
  }
}

/** For jest's `expect.extend`: what became of a customer in a story that was played. All are about the story's journey. */
export const journeyMatchers = {
  toHaveSent(rehearsed: Rehearsed, ...steps: readonly string[]): Verdict {
    const sent = ofJourney(rehearsed, 'sent').map(({ step }) => step)
    return verdict(rehearsed, same(sent, steps), `[${steps.join(', ')}] sent; sent are [${sent.join(', ')}]`)
  },

  toHaveWithheld(rehearsed: Rehearsed, step: string, because?: string): Verdict {
    const found = ofJourney(rehearsed, 'withheld').some(
      (each) => each.step === step && (because === undefined || each.because === because),
    )
    return verdict(rehearsed, found, `${step} ${inWords({ status: 'withheld', because })}`)
  },

  toHaveEnded: (rehearsed: Rehearsed, outcome: ExpectedOutcome): Verdict =>
    checked(rehearsed, endedAs(rehearsed.journey, outcome)),

  toBeWaitingAt: (rehearsed: Rehearsed, step: string): Verdict =>
    checked(rehearsed, waitsAt(rehearsed.journey, step)),

  toReachEveryWay(coverage: Coverage, because: Readonly<Record<string, string>> = {}): Verdict {
    const faults = coverageFaults(coverage, because)
    const words = faults.length > 0 ? faults.join('\n') : 'Every way was gone, or has a reason.'
    return { pass: faults.length === 0, message: () => `${words}\n\n${coverageInWords(coverage, because)}` }
  },
}

const ofJourney = ({ touchpoints, journey }: Rehearsed, status: string) =>
  touchpoints.filter((touchpoint) => touchpoint.journey === journey && touchpoint.status === status)

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((step, index) => step === other[index])

function checked(rehearsed: Rehearsed, check: Check): Verdict {
  const difference = check(rehearsed.seen, rehearsed)
  const words = difference ? `${difference.expected}; ${difference.instead}` : 'something else'
  return verdict(rehearsed, !difference, words)
}

const verdict = (rehearsed: Rehearsed, pass: boolean, expected: string): Verdict => ({
  pass,
  message: () => `Expected: ${pass ? 'not that' : expected}.\n\n${pictureOf(rehearsed.seen, rehearsed)}`,
})
