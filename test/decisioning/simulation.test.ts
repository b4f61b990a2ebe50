import { lift } from '../../activities/decisioning/judging/lift'
import { seeded } from '../../activities/decisioning/random'
import type { Policy } from '../../sdk/decision'
import { play, stays, subscribers } from './simulation'

const COUNT = 1_200
const DELAY = 150

test.each([
  [{ is: 'thompson' }, 0.95, 0.9],
  [{ is: 'lin-thompson' }, 0.75, 0.5],
] as [Policy, number, number][])(
  'learning pays in a world whose truth is known: %j',
  (policy, most, mostLate) => {
    const customers = subscribers(COUNT, 'learning')
    const fixed = play({ is: 'fixed' }, customers, 'learning', DELAY)
    const learned = play(policy, customers, 'learning', DELAY)
    expect(learned.regret / fixed.regret).toBeLessThan(most)
    expect(learned.lateRegret / fixed.lateRegret).toBeLessThan(mostLate)
    expect(learned.reward).toBeGreaterThan(fixed.reward)
  },
)

test('holdout lift is estimated without bias, and its intervals hold as often as they say', () => {
  const trials = Array.from({ length: 200 }, (_, seed) => {
    const random = seeded(`holdout ${seed}`)
    const groups = { treated: { converted: 0, of: 0 }, heldOut: { converted: 0, of: 0 } }
    let truth = 0
    for (const customer of subscribers(1_000, `holdout ${seed}`)) {
      const group = groups[random.uniform() < 0.2 ? 'heldOut' : 'treated']
      const [helped, alone] = [stays(customer, 'call'), stays(customer, 'nothing')]
      group.of += 1
      group.converted += Number(random.uniform() < (group === groups.treated ? helped : alone))
      truth += (helped - alone) / 1_000
    }
    const found = lift(groups.treated, groups.heldOut)
    const holds = ({ low, high }: { low: number; high: number }) => low <= truth && truth <= high
    return { error: found.difference! - truth, once: holds(found.once), always: holds(found.always) }
  })
  const mean = trials.reduce((sum, { error }) => sum + error, 0) / trials.length
  const deviation = Math.sqrt(trials.reduce((sum, { error }) => sum + (error - mean) ** 2, 0) / trials.length)
  expect(Math.abs(mean)).toBeLessThan((3 * deviation) / Math.sqrt(trials.length))
  expect(trials.filter(({ once }) => once).length).toBeGreaterThanOrEqual(184)
  expect(trials.filter(({ always }) => always).length).toBeGreaterThanOrEqual(195)
})
