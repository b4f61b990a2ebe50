import type { Conditions } from './condition'

/** One fact about a customer, as a journey sees it. `timestamp` is ISO 8601 UTC, the sender's word for when it happened. */
export interface EventFact<Name extends string = string, Properties = Record<string, unknown>> {
  readonly messageId: string
  readonly name: Name
  readonly properties: Properties
  readonly timestamp: string
}

/**
 * A reference to a named event, with conditions on its properties.
 * It holds no schema, so that a journey's bundle stays small; the schemas live in catalog/schemas.ts.
 */
export interface EventRef<Name extends string = string, Properties = any> {
  readonly name: Name
  readonly conditions: Conditions<Properties>
  /** The same event, narrowed: every condition given must hold. */
  where(conditions: Conditions<Properties>): EventRef<Name, Properties>
  /** True when the event counts whatever key it carries. */
  readonly ofAnyKey: boolean
  /** In a keyed journey: the same event for other keys too (the next order, not this one). */
  anyKey(): EventRef<Name, Properties>
}

export type AnyEvent = EventRef<string, any>
export type FactOf<Ref> =
  Ref extends EventRef<infer Name, infer Properties> ? EventFact<Name, Properties> : never

const reference = <Name extends string, Properties>(
  name: Name,
  conditions: Conditions<Properties>,
  ofAnyKey = false,
): EventRef<Name, Properties> => ({
  name,
  conditions,
  ofAnyKey,
  where: (more) => reference(name, { ...conditions, ...more }, ofAnyKey),
  anyKey: () => reference(name, conditions, true),
})

/** Makes typed references to the events of a catalog: `const event = eventsOf<Payloads>()`, then `event('Order Placed')`. */
export const eventsOf =
  <Payloads extends Record<string, any>>() =>
  <Name extends keyof Payloads & string>(name: Name): EventRef<Name, Payloads[Name]> =>
    reference(name, {})
