import { fraction } from '../../sdk/hash'
import { enrollmentId } from '../../sdk'
import type { World } from '../support/world'
import { Act } from './act'

/** One way through a shipped journey that the recorded histories cover. */
export interface Life {
  /** The journey and the path: the name of the file. */
  readonly name: string
  readonly workflowId: string
  live(world: World): Promise<void>
}

type Live = (act: Act) => Promise<void>

function life(journey: string, way: string, live: Live, key?: string, customer = `${journey}-${way}`): Life {
  const workflowId = enrollmentId(journey, customer, key)
  return {
    name: `${journey}-${way}`,
    workflowId,
    live: (world) => live(new Act(world, customer, workflowId)),
  }
}

async function trial(act: Act): Promise<void> {
  await act.identify()
  await act.event('Trial Started', { plan: 'team' })
  await act.at('first-project')
}

async function subscriber(act: Act, traits?: Record<string, unknown>): Promise<void> {
  await act.identify(traits)
  await act.event('Subscription Started', { plan: 'team', price: 20 })
}

async function listening(act: Act, traits?: Record<string, unknown>): Promise<void> {
  await subscriber(act, traits)
  await act.at('trouble')
}

async function order(act: Act): Promise<void> {
  await act.identify()
  await act.event('Order Completed', { order_id: 'o-1', total: 80 })
  await act.at('delivery')
}

async function cart(act: Act): Promise<void> {
  await act.identify()
  await act.event('Cart Updated', { cart_id: 'c-1', total: 40, currency: 'EUR' })
  await act.at('still-shopping')
}

async function asked(act: Act): Promise<void> {
  await act.identify()
  await act.event('Newsletter Requested', { topic: 'tips' })
  await act.at('answer')
}

/** The first of many names that the journey's holdout takes. */
function heldOut(journey: string, holdout: number): string {
  for (let number = 1; ; number++) {
    const customer = `${journey}-held-out-${number}`
    if (fraction('holdout', journey, customer) < holdout) return customer
  }
}

/** One that it does not take. */
function within(journey: string, way: string, holdout: number): string {
  for (let number = 1; ; number++) {
    const customer = `${journey}-${way}-${number}`
    if (fraction('holdout', journey, customer) >= holdout) return customer
  }
}

const HELD_OUT = 0.05
const care = (way: string, live: Live): Life =>
  life('subscriptionCare', way, live, undefined, within('subscriptionCare', way, HELD_OUT))

/** Begins while the mail server is away; `back` brings it up. */
export const withMailAway = (back: () => void): Life =>
  life('trialOnboarding', 'mail-away', async (act) => {
    await act.identify()
    await act.event('Trial Started', { plan: 'team' })
    await act.retrying('welcome')
    back()
    await act.at('first-project')
    await act.event('Account Closed')
    await act.ended()
  })

export const lives: readonly Life[] = [
  life('trialOnboarding', 'converted', async (act) => {
    await trial(act)
    await act.event('Project Created', { name: 'First' })
    await act.at('habit')
    await act.event('Feature Used', { feature: 'export' })
    await act.at('before-the-end')
    await act.event('Subscription Started', { plan: 'team' })
    await act.ended()
  }),
  life('trialOnboarding', 'silent', async (act) => {
    await trial(act)
    await act.onToEnd()
  }),
  life('trialOnboarding', 'stuck', async (act) => {
    await trial(act)
    await act.event('Support Searched', { query: 'export', results: 0 })
    await act.at('habit')
    await act.event('Account Closed')
    await act.ended()
  }),
  life('trialOnboarding', 'operated', async (act) => {
    await trial(act)
    await act.operate('pause')
    await act.event('Project Created', { name: 'First' })
    await act.operate('resume')
    await act.at('habit')
    await act.operate('extend', { duration: '3 days' })
    await act.forward('8 days')
    await act.operate('skip')
    await act.at('before-the-end')
    await act.operate('exit')
    await act.ended()
  }),
  care('stuck', async (act) => {
    await listening(act)
    await act.event('Help Requested', { topic: 'export' })
    await act.event('Payment Failed', { amount: 20 })
    await act.at('payment')
    await act.event('Payment Recovered')
    await act.at('trouble')
    await act.event('Account Closed')
    await act.ended()
  }),
  care('renewed', async (act) => {
    const renewsAt = new Date(Date.now() + 70 * 86_400_000).toISOString().slice(0, 10)
    await listening(act, { renewsAt })
    await act.event('Feature Used', { feature: 'export' })
    await act.onTo('before-renewal')
    await act.identify({ timezone: 'Asia/Kathmandu' })
    await act.onTo('answer')
    await act.event('Subscription Renewed', { plan: 'team' })
    await act.ended()
  }),
  care('moved', async (act) => {
    await listening(act)
    await act.operate('move', { stage: 'payment' })
    await act.at('payment')
    await act.onTo('trouble')
  }),
  care('left', async (act) => {
    await listening(act)
    await act.event('Subscription Cancelled', { reason: 'price' })
    await act.ended()
  }),
  life(
    'subscriptionCare',
    'held-out',
    async (act) => {
      await subscriber(act)
      await act.at('held-out')
      await act.event('Subscription Renewed')
      await act.ended()
    },
    undefined,
    heldOut('subscriptionCare', HELD_OUT),
  ),
  careLife('renewed', async (act) => {
    await act.event('Subscription Renewed')
    await act.ended()
  }),
  careLife('silent', async (act) => {
    await act.onToEnd()
  }),
  outage('solved', async (act) => {
    await act.event('Call Started', { call_id: 'c-1' })
    await act.at('hangs-up')
    await act.event('Call Ended', { call_id: 'c-1' })
    await act.at('news')
    await act.event('Service Restored', { incident_id: 'i-1' })
    await act.at('still-stuck')
    await act.event('Help Requested')
    await act.at('call-back')
    await act.agentDoes('solved')
  }),
  outage('nobody-calls', async (act) => {
    await act.onTo('news')
    await act.event('Help Requested')
    await act.at('call-back')
    await act.onToEnd()
  }),
  outage('leaves', async (act) => {
    await act.onTo('news')
    await act.event('Help Requested')
    await act.at('call-back')
    await act.event('Account Closed')
  }),
  courseLife('silent', async (act) => {
    await act.onToEnd()
  }),
  courseLife('left', async (act) => {
    await act.onTo('read')
    await act.event('Account Closed')
    await act.ended()
  }),
  appointmentLife('confirmed', async (act) => {
    await act.event('Appointment Confirmed', { appointment_id: 'a-1' })
    await act.ended()
  }),
  appointmentLife('silent', async (act) => {
    await act.onToEnd()
  }),
  winBackLife('silent', async (act) => {
    await act.onToEnd()
  }),
  winBackLife('talks', async (act) => {
    await act.event('Help Requested')
    await act.at('some-distance')
    await act.event('Subscription Started', { plan: 'team' })
    await act.ended()
  }),
  life(
    'postPurchase',
    'advocate',
    async (act) => {
      await order(act)
      await act.event('Order Delivered', { order_id: 'o-1' })
      await act.onTo('review')
      await act.event('Product Reviewed', { order_id: 'o-1', rating: 5 })
      await act.at('recommendation')
      await act.event('Referral Made')
      await act.onTo('next-order')
      await act.event('Order Completed', { order_id: 'o-2', total: 20 })
      await act.ended()
    },
    'o-1',
  ),
  life(
    'postPurchase',
    'late',
    async (act) => {
      await order(act)
      await act.onToEnd()
    },
    'o-1',
  ),
  life(
    'postPurchase',
    'unhappy',
    async (act) => {
      await order(act)
      await act.event('Order Delivered', { order_id: 'o-1' })
      await act.onTo('review')
      await act.event('Product Reviewed', { order_id: 'o-1', rating: 1 })
      await act.at('time-for-more')
      await act.event('Order Cancelled', { order_id: 'o-1' })
      await act.ended()
    },
    'o-1',
  ),
  life(
    'cartRecovery',
    'left',
    async (act) => {
      await cart(act)
      await act.event('Cart Updated', { cart_id: 'c-1', total: 45 })
      await act.at('shopping-on')
      await act.onToEnd()
    },
    'c-1',
  ),
  life(
    'cartRecovery',
    'ordered',
    async (act) => {
      await cart(act)
      await act.onTo('back-again')
      await act.event('Order Completed', { order_id: 'o-9', cart_id: 'c-1', total: 40 })
      await act.ended()
    },
    'c-1',
  ),
  life(
    'doubleOptIn',
    'confirmed',
    async (act) => {
      await asked(act)
      await act.event('Consent Confirmed', { topic: 'tips', channel: 'email' })
      await act.ended()
    },
    'tips',
  ),
  life(
    'doubleOptIn',
    'silent',
    async (act) => {
      await asked(act)
      await act.onToEnd()
    },
    'tips',
  ),
]

function courseLife(way: string, live: Live): Life {
  return life('mailCourse', way, async (act) => {
    await act.identify()
    await act.event('Course Started')
    await act.at('that-hour')
    await live(act)
  })
}

function appointmentLife(way: string, live: Live): Life {
  const date = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10)
  return life(
    'appointmentReminder',
    way,
    async (act) => {
      await act.identify()
      await act.event('Appointment Booked', { appointment_id: 'a-1', date })
      await act.onTo('the-day')
      await live(act)
    },
    'a-1',
  )
}

function careLife(way: string, live: Live): Life {
  return life(
    'careOffer',
    way,
    async (act) => {
      await act.identify({ plan: 'team', phone: '+49 30 1' })
      await act.event('Cancellation Considered', { reason: 'price', tenure_months: 18 })
      await act.at('until-it-shows')
      await live(act)
    },
    undefined,
    within('careOffer', `careOffer-${way}`, 0.1),
  )
}

/** Somebody whose service is down, told of it, and called. */
function outage(way: string, live: Live): Life {
  return life(
    'outageCare',
    way,
    async (act) => {
      await act.identify({ phone: '+4930123456' })
      await act.event('Service Disrupted', { incident_id: 'i-1', service: 'The line' })
      await act.at('on-the-phone')
      await live(act)
      await act.ended()
    },
    'i-1',
    within('outageCare', `outageCare-${way}`, 0.1),
  )
}

function winBackLife(way: string, live: Live): Life {
  const customer = within('subscriptionCare', `to-win-back-${way}`, HELD_OUT)
  return life(
    'winBack',
    way,
    async (act) => {
      await subscriber(act)
      await act.event('Subscription Cancelled', { reason: 'price' })
      await act.at('answer')
      await live(act)
    },
    undefined,
    customer,
  )
}
