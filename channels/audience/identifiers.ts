import { createHash } from 'node:crypto'
import type { JsonObject } from '../json'

/** What a customer is known by at an ad platform; what is left out is not told. */
export interface Identifiers {
  readonly email: string | undefined
  /** With its country's code. */
  readonly phone: string | undefined
}

/** As an ad platform wants to be told of one customer. */
export type AudienceForm = 'google' | 'meta'

interface Hashes {
  readonly email: string | undefined
  readonly phone: string | undefined
}

/**
 * The customer, hashed, in the platform's own words; undefined where nothing is left that it would know. Google: Customer Match,
 * `userIdentifiers` of an operation. Meta: Custom Audiences, the `payload` of /{audience}/users.
 */
export function hashedIdentifiers(form: AudienceForm, { email, phone }: Identifiers): JsonObject | undefined {
  const digits = phone?.replace(/^\+/, '')
  // Google keeps the plus of E.164, Meta wants digits alone.
  const number = form === 'google' ? phone : digits
  const hashes = { email: email && sha256(email.trim().toLowerCase()), phone: number && sha256(number) }
  if (!hashes.email && !hashes.phone) return undefined
  return form === 'google' ? forGoogle(hashes) : forMeta(hashes)
}

const forGoogle = ({ email, phone }: Hashes): JsonObject => ({
  userIdentifiers: [
    ...(email ? [{ hashedEmail: email }] : []),
    ...(phone ? [{ hashedPhoneNumber: phone }] : []),
  ],
})

const forMeta = ({ email, phone }: Hashes): JsonObject => ({
  payload: {
    schema: [...(email ? ['EMAIL'] : []), ...(phone ? ['PHONE'] : [])],
    data: [[email, phone].filter(Boolean)],
  },
})

/** Lower-case hex, as both platforms ask. */
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
