import { loyaltyPoints } from './loyalty-points'

/** Your own activities: what `journey.call(step, name, input)` can call. Each takes one input and may run more than once. */
export const ownActivities = { loyaltyPoints }

export type OwnActivities = typeof ownActivities
