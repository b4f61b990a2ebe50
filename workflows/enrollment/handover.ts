import type { IncomingEvent } from '../../sdk/incoming'
import type { Handover } from '../../sdk/journey'

export type IncomingHandover = IncomingEvent

/** Thrown by continueAs to leave the body; the lifecycle turns it into the end of this enrollment and the start of the next. */
export class HandedOver extends Error {
  constructor(
    readonly journey: string,
    readonly request: IncomingHandover,
  ) {
    super(`continues as ${journey}`)
  }
}

/** The event that asks for an enrollment; its id is derived, so that a repeat counts once. */
export const enrollRequest = (
  asked: { by: string; customerId: string; journey: string; at: number; instead: boolean },
  handover: Handover = {},
): IncomingEvent => ({
  messageId: `enroll:${asked.by}`,
  kind: 'enroll',
  customerId: asked.customerId,
  name: asked.journey,
  // A customer handed over must not fall between two journeys: the next one's cool-down is not asked.
  properties: { key: handover.key, properties: handover.properties ?? {}, instead: asked.instead },
  occurredAt: asked.at,
})
