import { enrollmentId, touchpointId } from '../../sdk'
import type { EntryRequest, Judge, NewDecision, TouchpointRequest } from '../../store'
import { fresh } from './on-both'

export const letAll: Judge = () => ({
  judgment: { is: 'allowed', verdicts: [{ rule: 'test', allows: true, because: 'it may' }] },
  priority: 1,
})

export const refuseAll: Judge = () => ({
  judgment: {
    is: 'withheld',
    because: 'unsubscribed',
    verdicts: [{ rule: 'consent', allows: false, because: 'withdrawn on 1 May' }],
  },
  priority: 1,
})

export const entryOf = (customerId: string, more: Partial<EntryRequest> = {}): EntryRequest => ({
  id: enrollmentId(more.journey ?? 'care', customerId, more.key),
  journey: 'care',
  customerId,
  build: 'build-1',
  enrolledBy: fresh('event'),
  reentry: 'once',
  now: 1_000_000,
  ...more,
})

export const touchpointOf = (
  customerId: string,
  more: Partial<TouchpointRequest> = {},
): TouchpointRequest => {
  const enrollment = more.enrollmentId ?? enrollmentId('care', customerId)
  return {
    id: touchpointId(enrollment, 1, fresh('step'), 1),
    enrollmentId: enrollment,
    entry: 1,
    journey: 'care',
    customerId,
    step: 'welcome',
    channel: 'email',
    message: 'care/welcome',
    category: 'marketing',
    provider: 'smtp',
    at: 1_000_000,
    ...more,
  }
}

const DAY_MS = 86_400_000

/** Ten days old, and open for one more. */
export const decisionOf = (customerId: string, more: Partial<NewDecision> = {}): NewDecision => ({
  id: fresh('decision'),
  enrollmentId: `offering:${customerId}`,
  entry: 1,
  journey: 'offering',
  step: 'offer',
  customerId,
  arm: 'discount',
  how: 'policy',
  propensity: 0.5,
  policy: { is: 'thompson' },
  version: 'v1',
  learned: 0,
  settings: 0,
  context: { plan: 'pro' },
  arms: [{ arm: 'discount', propensity: 0.5, score: 0.1, worth: 1 }],
  passedOver: [],
  rewardRule: { on: [{ name: 'Renewed', conditions: {}, ofAnyKey: false }] },
  at: Date.now() - 10 * DAY_MS,
  closesAt: Date.now() + DAY_MS,
  ...more,
})
