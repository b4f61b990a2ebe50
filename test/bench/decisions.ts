import type { Policy } from '../../sdk/decision'
import { play, subscribers } from '../decisioning/simulation'
import { curves, digits } from '../oracle/digits'
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
  return { customers: CUSTOMERS, played, digits: { curves: curves(), vowpalWabbit: digits().vowpalWabbit } }
}
