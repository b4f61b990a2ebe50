import type { z } from 'zod'
import { schemas } from './schemas'

const byName = new Map<string, z.ZodObject>(Object.entries(schemas))

/** What is wrong with a known event's properties, in words; undefined for fitting and for unknown events. */
export function misfit(name: string, properties: Record<string, unknown>): string | undefined {
  const result = byName.get(name)?.safeParse(properties)
  if (!result || result.success) return undefined
  return result.error.issues
    .map((issue) => `${issue.path.join('.') || 'properties'}: ${issue.message}`)
    .join('; ')
}
