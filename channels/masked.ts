const MAX_REASON = 300
// Servers may answer a megabyte; the patterns below take their time on long words.
const MAX_READ = 2_000

/** One line without the customer's address or anything that looks like one. */
export function masked(text: string, personal: readonly string[]): string {
  const known = personal.filter((part) => part.length > 2).map(escaped)
  const address = /[^\s<>"'()=:,;]+(?:@|%40)[^\s<>"'(),;]+/gi
  const anyKnown =
    known.length > 0 ? new RegExp(`(?<![\\w.])(?:${known.join('|')})(?![\\w.]\\w)`, 'gi') : undefined
  const hidden = text.slice(0, MAX_READ).replace(address, '(address)')
  const line = anyKnown ? hidden.replace(anyKnown, '(address)') : hidden
  return line
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_REASON)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
