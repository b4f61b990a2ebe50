import type { Answer } from '../channel'
import { masked } from '../masked'
import type { Fault } from '../routes'
import type { LineFault } from './line'
import { isDead } from './status'

const ABOUT_THE_MAIL = ['MAIL FROM', 'RCPT TO', 'DATA']
// Sign-in, encryption and sequence: permanent for the server, but ours to mend, not the customer's.
const OUR_SIDE = [503, 530, 534, 535, 538]

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
  if (!isPermanent(fault)) return { is: 'busy', because, ...faultOf(fault) }
  return isDeadMailbox(fault, because)
    ? { is: 'refused', because, address: 'dead' }
    : { is: 'refused', because }
}

/** What a server says of a recipient or a body is about them (greylisting, a full mailbox): another would hear the same. */
function faultOf({ reason }: LineFault): { readonly fault?: Fault } {
  if (reason.responseCode === 421) return { fault: 'throttled' }
  if (['RCPT TO', 'DATA'].includes(reason.command ?? '') && reason.responseCode !== undefined) return {}
  return { fault: reason.command === 'MAIL FROM' && reason.responseCode ? 'throttled' : 'down' }
}

/** Told at the address itself. A bare 550 may mean anything. */
function isDeadMailbox({ reason }: LineFault, because: string): boolean {
  const [, status] = /^5\d\d[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(reason.response ?? '') ?? []
  return reason.command === 'RCPT TO' && isDead(status, because)
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
