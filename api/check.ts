import type { z } from 'zod'
import { Problem } from '../sdk/problem'

type Place = 'body' | 'query' | 'path'

/** The value as its schema gives it. Throws the problem `invalid-request` with a path for each fault. */
export function check(schema: z.ZodType | undefined, value: unknown, place: Place): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(value, { reportInput: false })
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({
    path: pathOf(issue.path, place),
    message: issue.message,
  }))
  const shown = errors.slice(0, 20)
  const [first] = shown
  throw new Problem(
    'invalid-request',
    `${first!.path === '' ? `The ${place}` : first!.path}: ${first!.message}.`,
    shown,
  )
}

/** `batch[3].userId`; parts of path and query say so. */
function pathOf(path: readonly PropertyKey[], place: Place): string {
  const parts = path.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`,
  )
  return [...(place === 'body' ? [] : [place]), ...(parts.length > 0 ? [parts.join('')] : [])].join('.')
}
