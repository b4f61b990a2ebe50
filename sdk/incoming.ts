export type EventKind =
  'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias' | 'enroll' | 'receipt' | 'task' | 'delete'

/**
 * An event as it comes in. `enroll` asks for an enrollment: by the API, another journey, or a handover; `receipt` is a
 * provider's word on a touchpoint; `task` an agent's on a task; `delete` has the customer deleted, after all that came before it.
 */
export interface IncomingEvent {
  readonly messageId: string
  readonly kind: EventKind
  readonly customerId: string
  /** Event name for track; page or screen name; group id; previous id for alias; journey for enroll. */
  readonly name: string
  /** properties, traits, an enroll request's `{ key?, properties? }`, or `{ deletion }`. */
  readonly properties: Record<string, unknown>
  /** The anonymous id that came along, to be linked on identify. */
  readonly anonymousId?: string
  readonly occurredAt: number
}
