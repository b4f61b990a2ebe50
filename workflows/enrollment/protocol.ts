import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { EventFact } from '../../sdk'
import type { EnrollmentStatus, ProfileChange, TimelineEntry } from '../../sdk/enrollment'
import type { Duration } from '../../sdk/time/duration'

export type * from '../../sdk/enrollment'

// What may be said to an enrollment and asked of it, by our API and by any service with a Temporal client.

/** Tells the enrollment what its customer did. The same messageId counts once. */
export const eventSignal = defineSignal<[EventFact]>('event')

/** Tells the enrollment that the customer's profile changed: the new time zone, and traits it sleeps by. */
export const profileChangedSignal = defineSignal<[ProfileChange]>('profileChanged')

/** Tells the enrollment to ask again for what the contact rules hold: they changed. */
export const contactRulesChangedSignal = defineSignal('contactRulesChanged')

/** Gives it a task, so that the build that is to take it does. */
export const wakeSignal = defineSignal('wake')

export const pauseUpdate = defineUpdate<EnrollmentStatus, [Order]>('pause')
export const resumeUpdate = defineUpdate<EnrollmentStatus, [Order & { spreadMs?: number }]>('resume')
/** Ends the current wait now, as if its time had come. */
export const skipUpdate = defineUpdate<EnrollmentStatus, [Order & { step?: string }]>('skip')
/** Ends the enrollment. */
export const exitUpdate = defineUpdate<EnrollmentStatus, [Order]>('exit')
/** Moves the current wait's deadline by a duration such as `2 days`. */
export const extendUpdate = defineUpdate<EnrollmentStatus, [Order & { step?: string; duration: Duration }]>(
  'extend',
)
/** Leaves the current stage and begins another. */
export const moveUpdate = defineUpdate<EnrollmentStatus, [MoveOrder]>('move')

export const statusQuery = defineQuery<EnrollmentStatus>('status')
export const timelineQuery = defineQuery<TimelineEntry[]>('timeline')

export const journeyAttribute = defineSearchAttributeKey('SojournJourney', SearchAttributeType.KEYWORD)
export const stepAttribute = defineSearchAttributeKey('SojournStep', SearchAttributeType.KEYWORD)
export const statusAttribute = defineSearchAttributeKey('SojournStatus', SearchAttributeType.KEYWORD)
export const customerAttribute = defineSearchAttributeKey('SojournCustomer', SearchAttributeType.KEYWORD)

export interface MoveOrder extends Order {
  readonly stage: string
  /** Only while it is in this stage, and this is its how-manieth entry: else it is refused. */
  readonly from?: string
  readonly entry?: number
}

/** Every operator's command says who gives it. */
export interface Order {
  readonly by: string
  readonly reason?: string
}
