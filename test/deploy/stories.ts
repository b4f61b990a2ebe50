// What customers do while one build takes the place of another, and what they must have got in the end.

/**
 * The parts of the deploy, in order: the old build alone; the first worker replaced; the old worker killed, so that the
 * new one goes on with everything; the old one back and the new one killed, so that the old one goes on with what the new
 * one did; all workers new, dispatchers and API old; the new build alone.
 */
export type Phase = 'old' | 'side by side' | 'old killed' | 'new killed' | 'workers new' | 'new'

export type Act =
  | { readonly event: string; readonly properties?: (customer: string) => Record<string, unknown> }
  /** The customer's clock. */
  | { readonly move: `${number} days` }

export interface Story {
  readonly name: string
  readonly journey: 'trialOnboarding' | 'postPurchase'
  readonly acts: Partial<Record<Phase, readonly Act[]>>
  /** Steps, in order. */
  readonly reached: readonly string[]
  readonly outcome: object
}

export const move = (days: number): Act => ({ move: `${days} days` })
export const event = (event: string, properties: Record<string, unknown> = {}): Act => ({
  event,
  properties: () => properties,
})

/** Signalled, for a journey listens to it somewhere, but not where the customer is then. */
const heardOnly = event('Help Requested')

/** Each customer has one. */
export const orderOf = (customer: string): string => `o-${customer}`
const delivered: Act = {
  event: 'Order Delivered',
  properties: (customer) => ({ order_id: orderOf(customer) }),
}

/** The events that enroll. */
export const beginning: Record<Story['journey'], Act> = {
  trialOnboarding: event('Trial Started', { plan: 'team' }),
  postPurchase: {
    event: 'Order Completed',
    properties: (customer) => ({ order_id: orderOf(customer), total: 40 }),
  },
}

const untilTheEnd = ['trial-ends', 'farewell', 'feedback']
const unsubscribed = { is: 'completed', because: 'the trial ended without a subscription' }
const noFurther = { is: 'completed', because: 'no further order, mail sent' }

const trials: Omit<Story, 'journey'>[] = [
  {
    // The new build begins the wait that it makes longer, the old one ends it.
    name: 'silent',
    acts: { 'old killed': [move(4)], 'new killed': [move(10)], new: [move(40)] },
    reached: ['welcome', 'show-first-step', 'what-others-do', ...untilTheEnd],
    outcome: unsubscribed,
  },
  {
    // The old build begins that wait, the new one ends it, and the old one goes on.
    name: 'ahead',
    acts: {
      old: [move(4)],
      'side by side': [move(4)],
      'old killed': [move(4)],
      'new killed': [move(3)],
      new: [move(30)],
    },
    reached: ['welcome', 'show-first-step', 'what-others-do', ...untilTheEnd],
    outcome: unsubscribed,
  },
  {
    name: 'active',
    acts: {
      old: [event('Project Created')],
      'side by side': [event('Feature Used', { feature: 'board' })],
      'old killed': [move(13)],
      'new killed': [heardOnly],
      new: [move(20)],
    },
    reached: ['welcome', 'invite-your-team', ...untilTheEnd],
    outcome: unsubscribed,
  },
  {
    name: 'stuck',
    acts: {
      'side by side': [event('Support Searched', { results: 0 })],
      'old killed': [event('Teammate Invited')],
      'new killed': [move(13)],
      new: [move(30)],
    },
    reached: ['welcome', 'ask-for-help', ...untilTheEnd],
    outcome: unsubscribed,
  },
  {
    name: 'converted',
    acts: {
      'side by side': [event('Project Created')],
      'old killed': [move(3), heardOnly],
      'new killed': [event('Subscription Started', { plan: 'team' })],
    },
    reached: ['welcome'],
    outcome: { is: 'converted', event: 'Subscription Started' },
  },
]

const orders: Omit<Story, 'journey'>[] = [
  {
    name: 'happy',
    acts: {
      old: [delivered],
      'side by side': [move(7)],
      'old killed': [event('Product Reviewed', { rating: 5 })],
      'new killed': [heardOnly],
      new: [move(95)],
    },
    reached: ['how-is-it', 'recommend', 'care-tips', 'thanks'],
    outcome: noFurther,
  },
  {
    // Comes to the stage with the new step before its instant.
    name: 'unhappy',
    acts: {
      'side by side': [delivered],
      'old killed': [move(7)],
      'new killed': [event('Product Reviewed', { rating: 2 })],
      new: [move(95)],
    },
    reached: ['how-is-it', 'make-it-right', 'thanks'],
    outcome: noFurther,
  },
  {
    name: 'late',
    acts: {
      'side by side': [move(11)],
      'old killed': [heardOnly],
      'new killed': [heardOnly],
      'workers new': [delivered],
      new: [move(110)],
    },
    reached: ['where-is-it', 'late', 'how-is-it', 'care-tips', 'thanks'],
    outcome: noFurther,
  },
]

export const stories: readonly Story[] = [
  ...trials.map((story) => ({ ...story, journey: 'trialOnboarding' as const })),
  ...orders.map((story) => ({ ...story, journey: 'postPurchase' as const })),
]
