import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { choose, type Candidate } from '../../activities/decisioning/choosing'
import { Learner } from '../../activities/decisioning/learner'
import type { Policy } from '../../sdk/decision'

/** Handwritten digits of which only rewards are seen (UCI, CC BY 4.0), in three passes over the same 1,797 images. */
export interface Digits {
  readonly labels: string
  readonly pixels: string
  readonly vowpalWabbit: {
    readonly options: string
    readonly right: number
    readonly byPass: readonly number[]
  }
}

export const digits = (): Digits =>
  JSON.parse(readFileSync(join(__dirname, 'fixtures', 'digits.json'), 'utf8')) as Digits

export interface Curve {
  readonly policy: Policy
  /** The share of rounds right, in all and pass by pass. */
  readonly right: number
  readonly byPass: readonly number[]
  readonly least: number
}

/** How much is tried suits a task with 10 arms whose rewards have no noise; everything else is as in production. */
const wanted: readonly [policy: Policy, least: number][] = [
  [{ is: 'lin-ucb', alpha: 0.15 }, 0.85],
  [{ is: 'lin-thompson', spread: 0.1 }, 0.83],
]
const PASSES = 3

/**
 * As in production: the floor of 0.01 under each of ten arms stays, so that 0.91 is the most that there is, and a decision is
 * learned from before the next one. Pixels are scaled to 0 to 1.
 */
export function curves(): Curve[] {
  const data = digits()
  return wanted.map(([policy, least]) => {
    const right = played(policy, data)
    const byPass = Array.from({ length: PASSES }, (_, pass) =>
      share(right.slice(pass * data.labels.length, (pass + 1) * data.labels.length)),
    )
    return { policy, right: share(right), byPass, least }
  })
}

const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length

const tens = Array.from({ length: 10 }, (_, digit) => ({ arm: String(digit), worth: 1 })) as unknown as [
  Candidate,
  ...Candidate[],
]

function played(policy: Policy, { labels, pixels }: Digits): boolean[] {
  const learner = new Learner(policy)
  return Array.from({ length: PASSES * labels.length }, (_, round) => {
    const at = round % labels.length
    const context = imageAt(pixels, at)
    const { arm } = choose(learner, { candidates: tens, context, seed: `digit ${round}` })
    const isRight = arm === labels[at]
    learner.learn({ position: round + 1, arm, context, reward: Number(isRight) })
    return isRight
  })
}

const imageAt = (pixels: string, at: number): Record<string, number> =>
  Object.fromEntries(
    Array.from(pixels.slice(at * 64, at * 64 + 64), (pixel, place) => [
      `p${place}`,
      parseInt(pixel, 17) / 16,
    ]),
  )
