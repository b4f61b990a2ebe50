import { z } from 'zod'

interface Described {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Described[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
}

type Samples = Readonly<Record<string, Record<string, unknown>>>

/** The least that meets each schema: what may be left out is. */
export const samplesOf = (schemas: Readonly<Record<string, z.ZodType>>): Samples =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, leastOf(describedBy(schema)) as Samples[string]])) // prettier-ignore

const describedBy = (schema: z.ZodType): Described =>
  z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Described

function leastOf(described: Described): unknown {
  if (described.const !== undefined) return described.const
  if (described.enum) return described.enum[0]
  if (described.anyOf) return leastOf(described.anyOf[0]!)
  switch (described.type) {
    case 'string':
      return 'text'
    case 'number':
    case 'integer':
      return described.minimum ?? Math.min(1, described.maximum ?? 1)
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object':
      return Object.fromEntries(
        (described.required ?? []).map((name) => [name, leastOf(described.properties?.[name] ?? {})]),
      )
    default:
      return null
  }
}

/** An answer of which nothing is known: whatever is read of it is there, and as unknown. */
export const anything: unknown = new Proxy(() => undefined, {
  get: (_, name) => (Object.hasOwn(known, name) ? known[name as keyof typeof known] : anything),
  apply: () => anything,
})

const known = {
  then: undefined,
  toJSON: () => null,
  [Symbol.toPrimitive]: () => 1,
  *[Symbol.iterator]() {},
}
