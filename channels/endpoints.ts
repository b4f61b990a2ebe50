import { z } from 'zod'

const secret = z.string().refine((value) => {
  const base64 = value.replace(/^whsec_/, '')
  return /^[A-Za-z0-9+/]+=*$/.test(base64) && Buffer.from(base64, 'base64').length >= 24
})

/** An endpoint of signed webhooks, as settings have it. */
export const endpoint = z.strictObject({ url: z.url({ protocol: /^https?$/ }), secret })

/** A setting that holds endpoints by their names, as JSON. */
export const namedEndpoints = <Shape extends z.ZodType>(shape: Shape, example: string) =>
  z.string().transform((value, context) => {
    const named = z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), shape)
    const parsed = named.safeParse(parseJson(value))
    if (parsed.success) return parsed.data
    context.addIssue(`it must be a JSON object such as ${example}, each secret at least 24 bytes in base64`)
    return z.NEVER
  })

/** Undefined for what is no JSON. */
export function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
