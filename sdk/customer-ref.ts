import { createHmac } from 'node:crypto'

/** How a customer appears in workflow ids and search attributes: the id itself, or a keyed hash where ids are personal. */
export type CustomerRef = (customerId: string) => string

/** The first 16 bytes of HMAC-SHA-256, base64url; without a key, the id as it is. */
export const customerRef =
  (key?: string): CustomerRef =>
  (customerId) =>
    key
      ? createHmac('sha256', key).update(customerId).digest().subarray(0, 16).toString('base64url')
      : customerId
