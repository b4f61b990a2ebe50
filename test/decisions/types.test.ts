import { orderCompleted, subscriptionRenewed } from '../../catalog/events'
import { about, atLeast, email, model, type Journey } from '../../sdk'
import type { OurNouns } from '../../workflows/enrollment/nouns'

// Never run: what must not compile is marked, and the compiler minds that it does not.
export async function typed(journey: Journey<unknown, OurNouns>): Promise<string> {
  const chosen = await journey.decide('offer', {
    arms: {
      discount: { eligible: ({ profile, context }) => profile.plan === 'pro' && context.calls > 1 },
      call: {},
    },
    context: { calls: 2 },
    profile: await journey.profile('who'),
    reward: { on: orderCompleted, value: 'total' },
    within: '30 days',
    otherwise: 'nothing',
  })
  // @ts-expect-error no arm is called so
  if (chosen.is === 'disocunt') return chosen.decision
  switch (chosen.is) {
    case 'discount':
    case 'call':
    case 'nothing':
      break
    default:
      chosen satisfies never
  }
  const listed = await journey.decide('listed', {
    arms: ['a', 'b'],
    // @ts-expect-error the policy speaks of an arm that there is not
    policy: { is: 'fixed', weights: { c: 1 } },
    reward: subscriptionRenewed,
    within: '1 day',
  })
  const arm: 'a' | 'b' | 'none' = listed.is
  await journey.decide('valued', {
    arms: ['a'],
    // @ts-expect-error not a property that is a number
    reward: { on: orderCompleted, value: 'order_id' },
    within: '1 day',
  })
  await journey.decide('looked-up', {
    arms: {
      a: { where: { tickets: atLeast(2), tier: 'gold' } },
      // @ts-expect-error no such column
      b: { where: { tikets: 2 } },
      // @ts-expect-error a column of another kind
      c: { where: { tier: 3 } },
    },
    lookup: {
      from: 'crm',
      sql: 'select tier, tickets from accounts where id = $1',
      columns: { tier: 'text', tickets: 'number' },
      context: ['tier'],
    },
    reward: subscriptionRenewed,
    within: '1 day',
    policy: {
      is: 'model',
      model: model({ http: 'churn' }),
      // @ts-expect-error the fallback speaks of an arm that there is not
      fallback: { is: 'fixed', weights: { d: 1 } },
    },
  })
  await journey.decide('uplifted', {
    arms: ['call', 'nothing'],
    reward: subscriptionRenewed,
    within: '1 day',
    policy: { is: 'model', model: model({ http: 'uplift', says: 'effect', baseline: 'nothing' }) },
  })
  await journey.decide('shadowed', {
    arms: ['call', 'nothing'],
    reward: subscriptionRenewed,
    within: '1 day',
    // @ts-expect-error the shadow speaks of an arm that there is not
    shadow: { is: 'fixed', weights: { d: 1 } },
  })
  const elsewhere = model({ http: 'uplift', says: 'effect', baseline: 'nobody' })
  await journey.decide('astray', {
    arms: ['call', 'nothing'],
    reward: subscriptionRenewed,
    within: '1 day',
    // @ts-expect-error the baseline is an arm that there is not
    policy: { is: 'model', model: elsewhere },
  })
  await journey.decide('told', {
    // @ts-expect-error no topic is called so
    arms: { news: { sends: about('gossip', email('news/may')) } },
    reward: orderCompleted,
    within: '1 day',
  })
  // @ts-expect-error no duration
  await journey.decide('timed', { arms: ['a'], reward: orderCompleted, within: '1 fortnight' })
  return arm
}

test('the types of decisions are the compiler’s to check', () => expect(typed).toBeInstanceOf(Function))
