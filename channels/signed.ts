import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Arrival } from './channel'

/** Compared in the same time wherever they differ: whoever guesses learns nothing but the length. */
export const same = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

/** As Slack and standardwebhooks.com ask. */
const WINDOW_MS = 5 * 60_000

/** Whether a time in Unix seconds, as a header has it, is now or nearly; `now` in epoch ms. */
export const isRecent = (seconds = '', now: number): boolean =>
  /^\d{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1_000) <= WINDOW_MS

/**
 * Whether what came in was signed lately with one of the secrets (`whsec_` and base64), as standardwebhooks.com has it: the id,
 * the time and the very bytes. Several signatures may be given, of an old secret and a new one.
 */
export function signedBy(
  secrets: readonly string[],
): (arrival: Pick<Arrival, 'body' | 'headers' | 'now'>) => boolean {
  const keys = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  return ({ body, headers, now }) => {
    const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': given = '' } = headers
    if (!id || !isRecent(seconds, now)) return false
    const got = given.split(' ').map((each) => Buffer.from(each))
    return keys.some((key) => {
      const mac = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')
      const wanted = Buffer.from(`v1,${mac}`)
      return got.some((each) => same(each, wanted))
    })
  }
}
