import type { Receipt } from '../../../sdk'
import { masked } from '../../masked'
import { isDead } from '../status'
import type { OpenedMail } from './mail'

type Said = Pick<Receipt, 'kind' | 'hard' | 'because'>
type Fields = ReadonlyMap<string, string>

/** What a delivery report (RFC 3464) says of the recipient; undefined for what is none, or says nothing yet. */
export function reported(mail: OpenedMail): Said | undefined {
  const blocks = blocksOf(mail.part(/^message\/(global-)?delivery-status$/) ?? '')
  const about = blocks.filter((block) => block.has('action') || block.has('status'))
  const [chosen] = [...about.filter((block) => isRecipient(mail, block)), ...about]
  return chosen && meaning(mail, chosen)
}

function meaning(mail: OpenedMail, block: Fields): Said | undefined {
  const status = statusOf(block)
  const words = (block.get('diagnostic-code') ?? '').replace(/^[\w-]+;\s*/, '')
  const because = masked([status, words].filter(Boolean).join(' '), personalIn(mail, block))
  switch (actionOf(block, status)) {
    case 'failed':
      return { kind: 'bounced', hard: isDead(status, because) && isRecipient(mail, block), because }
    case 'delayed':
      return { kind: 'deferred', because }
    case 'delivered':
      return { kind: 'delivered' }
    default:
      return undefined
  }
}

const ACTIONS = ['failed', 'delayed', 'delivered', 'relayed', 'expanded']
const byClass: Readonly<Record<string, string>> = { '2': 'delivered', '4': 'delayed', '5': 'failed' }

/** Some reports leave the action out, or have a word of their own for it (`failure`, `error`). */
function actionOf(block: Fields, status = ''): string | undefined {
  const said = block
    .get('action')
    ?.toLowerCase()
    .split(/[\s(;]/, 1)[0]
  if (said !== undefined && ACTIONS.includes(said)) return said
  return said !== undefined && /^(fail|error)/.test(said) ? 'failed' : byClass[status.charAt(0)]
}

const STATUS = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/

/** Exim and others say X.0.0 for everything, and leave it to the server's own words. */
function statusOf(block: Fields): string | undefined {
  const [told] = STATUS.exec(block.get('status') ?? '') ?? []
  const [quoted] = STATUS.exec(block.get('diagnostic-code') ?? '') ?? []
  const isGeneral = told === undefined || told.endsWith('.0.0')
  return isGeneral && (told === undefined || quoted?.charAt(0) === told.charAt(0)) ? (quoted ?? told) : told
}

/** A mailbox that our mail was forwarded to may be dead without hers being so. */
function isRecipient({ writtenTo }: OpenedMail, block: Fields): boolean {
  const named = ['original-recipient', 'final-recipient'].map((name) => addressIn(block.get(name)))
  return writtenTo === undefined || named.includes(writtenTo)
}

/** `rfc822; ada@example.com` */
const addressIn = (field: string | undefined): string =>
  (field ?? '')
    .replace(/^[^;]*;/, '')
    .replace(/[<>\s]/g, '')
    .toLowerCase()

function personalIn({ writtenTo = '' }: OpenedMail, block: Fields): string[] {
  const named = [
    writtenTo,
    addressIn(block.get('original-recipient')),
    addressIn(block.get('final-recipient')),
  ]
  return named.flatMap((address) => [address, address.slice(0, Math.max(address.lastIndexOf('@'), 0))])
}

const MOST_BLOCKS = 50

/** The groups of fields of a report, names in lower case, folded lines as one. */
function blocksOf(text: string): Fields[] {
  const plain = text.replace(/\r\n?/g, '\n').replace(/\n[ \t]+(?=\S)/g, ' ')
  return plain.split(/\n\s*\n/, MOST_BLOCKS).map(fieldsOf)
}

/** The fields of one group. */
export function fieldsOf(text: string): Fields {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    if (name && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
}

const DAEMON = /mailer.?daemon|postmaster|mail ?delivery|mail\.delivery|system administrator/i
const DELAY = /\b(warning|delay(ed)?|not yet (been )?delivered|will (keep|continue|be retried))\b/i

/**
 * What servers write that make no report (qmail and its like), to a return path, from a null sender and by a daemon's name:
 * it did not arrive, or is late. Hard where a status in its words says so.
 */
export function bouncedInWords(mail: OpenedMail): Said | undefined {
  const cameBack = mail.envelopeFrom === '' && /^bounce-/i.test(mail.envelopeTo)
  if (!cameBack || !DAEMON.test(mail.from)) return undefined
  const [status] = STATUS.exec(mail.text) ?? []
  const line = mail.text.split('\n').find((each) => status !== undefined && each.includes(status))
  const because = masked(line ?? mail.subject, [mail.writtenTo ?? ''])
  if (status === undefined && DELAY.test(`${mail.subject} ${mail.text.slice(0, 2_000)}`))
    return { kind: 'deferred', because }
  return { kind: 'bounced', hard: line !== undefined && isDead(status, line), because }
}
