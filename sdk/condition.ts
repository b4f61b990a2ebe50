/** A test on one property, as plain data: it is stored in the manifest, shown in the graph and applied by the dispatcher. */
export type Condition<Value> =
  | { readonly is: Value }
  | { readonly not: Value }
  | { readonly oneOf: readonly Value[] }
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly matches: string; readonly flags?: string }

export type Conditions<Properties> = {
  readonly [Field in keyof Properties]?:
    Condition<NonNullable<Properties[Field]>> | Primitive<Properties[Field]>
}

type Primitive<Value> = Extract<Value, string | number | boolean>

export const not = <Value>(value: Value): Condition<Value> => ({ not: value })
export const oneOf = <Value>(...values: Value[]): Condition<Value> => ({ oneOf: values })
export const atLeast = (bound: number): Condition<any> => ({ atLeast: bound })
export const atMost = (bound: number): Condition<any> => ({ atMost: bound })
export const matches = (pattern: RegExp): Condition<any> => ({
  matches: pattern.source,
  flags: pattern.flags,
})

/** Whether every condition holds for the properties; a missing property meets only `not`. */
export function meets(properties: Record<string, unknown>, conditions: Record<string, unknown>): boolean {
  return Object.entries(conditions).every(([field, condition]) => holds(own(properties, field), condition))
}

/** The conditions in words: `total at least 10 and plan is pro`. Empty text when there are none. */
export function describe(conditions: Record<string, unknown>): string {
  return Object.entries(conditions)
    .map(([field, condition]) => `${field} ${words(condition)}`)
    .join(' and ')
}

const own = (from: Record<string, unknown>, field: string): unknown =>
  Object.hasOwn(from, field) ? from[field] : undefined

function holds(value: unknown, condition: unknown): boolean {
  const test = asCondition(condition)
  if ('is' in test) return value === test.is
  if ('not' in test) return value !== test.not
  if ('oneOf' in test) return test.oneOf.includes(value)
  if ('atLeast' in test) return typeof value === 'number' && value >= test.atLeast
  if ('atMost' in test) return typeof value === 'number' && value <= test.atMost
  return typeof value === 'string' && new RegExp(test.matches, test.flags?.replace(/[gy]/g, '')).test(value)
}

function words(condition: unknown): string {
  const test = asCondition(condition)
  if ('is' in test) return `is ${test.is}`
  if ('not' in test) return `is not ${test.not}`
  if ('oneOf' in test) return `is one of ${test.oneOf.join(', ')}`
  if ('atLeast' in test) return `at least ${test.atLeast}`
  if ('atMost' in test) return `at most ${test.atMost}`
  return `matches /${test.matches}/${test.flags ?? ''}`
}

const asCondition = (condition: unknown): Condition<unknown> =>
  typeof condition === 'object' && condition !== null ? (condition as Condition<unknown>) : { is: condition }
