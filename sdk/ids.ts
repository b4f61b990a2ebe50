/**
 * The workflow id of an enrollment: `journey:customer` or `journey:customer:key`, each part percent-encoded.
 * Where customer ids are personal, pass the keyed hash (`hashedCustomer`) in place of the id.
 */
export const enrollmentId = (journey: string, customer: string, key?: string): string =>
  [journey, customer, ...(key === undefined ? [] : [key])].map(encodePart).join(':')

/** The parts of an enrollment id. Throws RangeError when it is none. */
export function parseEnrollmentId(id: string): { journey: string; customer: string; key?: string } {
  const parts = id.split(':')
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => part === '')) {
    throw new RangeError(`"${id}" is not an enrollment id; it reads journey:customer or journey:customer:key`)
  }
  const [journey, customer, key] = parts.map(decodeURIComponent) as [string, string, string?]
  return { journey, customer, key }
}

/** The id of one touchpoint: one attempt to reach a customer at a step. The unit of idempotency. */
export const touchpointId = (enrollment: string, entry: number, step: string, occurrence: number): string =>
  `${enrollment}/${entry}/${encodePart(step)}/${occurrence}`

// encodeURIComponent throws on lone surrogates, which JSON may carry.
const encodePart = (part: string): string => encodeURIComponent(part.toWellFormed())
