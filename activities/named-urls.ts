import { z } from 'zod'

/** A setting that reads `name=url, other=url`: the URLs by their names. */
export const namedUrls = (schemes: string, error: string) => {
  const entry = new RegExp(`^([A-Za-z0-9._-]+)=((?:${schemes})://\\S+)$`)
  const between = new RegExp(`,\\s*(?=[A-Za-z0-9._-]+=(?:${schemes}):)`)
  return z.string().transform((text, context) => {
    const entries = text.split(between).map((each) => entry.exec(each.trim()))
    if (entries.every((each) => each && URL.canParse(each[2]!)))
      return Object.fromEntries(entries.map((each) => [each![1]!, new URL(each![2]!)]))
    context.addIssue(error)
    return z.NEVER
  })
}
