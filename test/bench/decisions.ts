import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { choose, type Candidate } from '../../activities/decisioning/choosing'
import { Learner } from '../../activities/decisioning/learner'
import type { Policy } from '../../sdk/decision'
import { play, subscribers } from '../decisioning/simulation'
import { rounded } from './figures'

const CUSTOMERS = 20_000
/** What a decision brought is known when so many more subscribers have come. */
const DELAY = 500
const policies: Policy[] = [
  { is: 'epsilon-greedy' },
  { is: 'thompson' },
  { is: 'lin-ucb', alpha: 0.3 },
  { is: 'lin-thompson' },
]

/** Care offers in a world whose truth is known, beside fixed shares; and digits, of which only rewards are seen. */
export async function decisions(): Promise<Record<string, unknown>> {
  const customers = subscribers(CUSTOMERS, 'bench')
  const fixed = play({ is: 'fixed' }, customers, 'bench', DELAY)
  const played = policies.map((policy) => {
    const { reward, regret, lateRegret } = play(policy, customers, 'bench', DELAY)
    return {
      policy: policy.is,
      rewardBesideFixed: rounded(reward / fixed.reward, 3),
      regretBesideFixed: rounded(regret / fixed.regret, 3),
      lateRegretBesideFixed: rounded(lateRegret / fixed.lateRegret, 3),
    }
  })
  for (const row of played) process.stdout.write(`${Object.values(row).join('  ')}\n`)
  return { customers: CUSTOMERS, played, digits: digits() }
}

const PASSES = 3

interface Digits {
  readonly labels: string
  readonly pixels: string
  readonly vowpalWabbit: object
}

/** The share of rounds right in three passes over the images, with the floor under every arm: at most 0.91 of what is possible. */
function digits(): Record<string, unknown> {
  const path = join(__dirname, '../oracle/fixtures/digits.json')
  const data = JSON.parse(readFileSync(path, 'utf8')) as Digits
  const ofPolicy = (policy: Policy) => rounded(rightOf(policy, data), 3)
  return {
    rounds: PASSES * data.labels.length,
    linUcb: ofPolicy({ is: 'lin-ucb', alpha: 0.3 }),
    linThompson: ofPolicy({ is: 'lin-thompson', spread: 0.1 }),
    vowpalWabbitInOnePass: data.vowpalWabbit,
  }
}

const tens = Array.from({ length: 10 }, (_, digit) => ({ arm: String(digit), worth: 1 }))

function rightOf(policy: Policy, { labels, pixels }: Digits): number {
  const learner = new Learner(policy)
  let right = 0
  for (let round = 0; round < PASSES * labels.length; round++) {
    const at = round % labels.length
    const image = Array.from(pixels.slice(at * 64, at * 64 + 64), (pixel, place) => [
      `p${place}`,
      parseInt(pixel, 17) / 16,
    ])
    const context = Object.fromEntries(image) as Record<string, number>
    const candidates = tens as unknown as [Candidate, ...Candidate[]]
    const { arm } = choose(learner, { candidates, context, seed: `digit ${round}` })
    const reward = Number(arm === labels[at])
    learner.learn({ position: round + 1, arm, context, reward })
    right += reward
  }
  return right / (PASSES * labels.length)
}
