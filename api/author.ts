import { z } from 'zod'
import type { Author, Word } from '../store/store'
import { plainText } from './fields'
import type { Call } from './route'
import { instant, iso } from './shapes'

/** Who gives an order: never only what the caller claims. */
export function authorOf({ body, key }: Call<unknown, unknown, { readonly by?: string | null }>): string {
  const name = key?.name ?? 'nobody'
  return body.by ? `${body.by} (key ${name})` : name
}

/** What an order says of itself. */
export const reasoned = {
  reason: plainText(500).describe('Kept in the history'),
  by: plainText(200).nullish().describe('Who gives the order; the key’s name is recorded in any case'),
}

/** The key's name, and whom its holder names: kept apart where a second key has to decide. */
export const signatureOf = ({ key, body }: Call<unknown, unknown, { by?: string | null }>): Author => ({
  key: key?.name ?? 'nobody',
  by: body.by ?? null,
})

/** Who said what, when and why. */
export const word = z
  .object({
    key: z.string().describe('The name of the API key'),
    by: z.string().nullable(),
    reason: z.string(),
    at: instant,
  })
  .meta({ id: 'Word' })

export const toWord = (from: Word | null): z.output<typeof word> | null =>
  from && { key: from.key, by: from.by, reason: from.because, at: iso(from.at) }
