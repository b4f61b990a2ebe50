import type { Answer } from '../channel'
import type { LineFault } from './line'

const ABOUT_THE_MAIL = ['MAIL FROM', 'RCPT TO', 'DATA']
// Sign-in, encryption and sequence: permanent for the server, but ours to mend, not the customer's.
const OUR_SIDE = [503, 530, 534, 535, 538]
const MAX_REASON = 300
// Servers may answer a megabyte; the patterns below take their time on long words.
const MAX_READ = 2_000

/**
 * What a failed conversation means for the mail. Until the body begins nothing is handed over. From then on only a complete
 * reply to it tells its fate: nodemailer gives those, and no other fault, the code EMESSAGE.
 */
export function verdict(fault: LineFault, personal: readonly string[]): Answer {
  const { reason, bodyBegun } = fault
  const because = masked(wording(fault), personal)
  const code = reason.responseCode ?? 0
  if (bodyBegun && !(reason.code === 'EMESSAGE' && code >= 400 && code < 600))
    return { is: 'unknown', because }
  return { is: isPermanent(fault) ? 'refused' : 'busy', because }
}

function isPermanent({ reason, bodyBegun }: LineFault): boolean {
  if (!ABOUT_THE_MAIL.includes(reason.command ?? '')) return false
  const code = reason.responseCode
  if (code === undefined) return reason.code === 'EMESSAGE' && !bodyBegun
  return code >= 500 && code < 600 && !OUR_SIDE.includes(code)
}

function wording({ reason, bodyBegun }: LineFault): string {
  if (bodyBegun && reason.code !== 'EMESSAGE')
    return 'the connection broke before the mail server confirmed the message'
  const said = reason.response ?? reason.message
  if (reason.code === 'EAUTH') return `the mail server did not let us sign in: ${said}`
  if (reason.response) return `the mail server said: ${said}`
  if (reason.code === 'EMESSAGE') return said
  return `the mail server could not be used (${reason.originalCode ?? reason.code ?? said})`
}

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
