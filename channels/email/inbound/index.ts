import { createHash } from 'node:crypto'
import type { Receipt } from '../../../sdk'
import { returnAddresses, type ReturnSettings } from './addresses'
import { answered } from './answer'
import { complained } from './complaint'
import { openMail, type OpenedMail, type ReceivedMail } from './mail'
import { bouncedInWords, reported } from './report'
import type { MailTokens } from './tokens'

export type { ReceivedMail } from './mail'
export type { ReturnSettings } from './addresses'

/** Under whose name receipts by mail are kept. */
export const MAIL_SOURCE = 'smtp'

/** What comes back by mail: reports of servers, complaints, answers of people. */
export interface ReturnedMail {
  /** Whether mail to the address is taken; what we did not sign is not. */
  isOurs(address: string): boolean
  /** What a mail says; nothing where it is about no touchpoint, or by a program. Rejects for what cannot be read. */
  read(mail: ReceivedMail): Promise<readonly Receipt[]>
}

export function returnedMail(settings: ReturnSettings): ReturnedMail {
  const { tokens, isOurs } = returnAddresses(settings)
  return {
    isOurs,
    async read(mail) {
      const opened = await openMail(mail)
      const ref = refOf(opened, tokens)
      const said = ref === undefined ? undefined : meaning(opened)
      return said && ref !== undefined ? [{ id: idOf(opened, mail, ref, said.kind), at: mail.at, ref, ...said }] : [] // prettier-ignore
    },
  }
}

type Said = Omit<Receipt, 'id' | 'at' | 'ref'>

function meaning(mail: OpenedMail): Said | undefined {
  if (mail.part(/^message\/feedback-report$/) !== undefined) return complained(mail)
  if (mail.part(/^message\/(global-)?delivery-status$/) !== undefined) return reported(mail)
  return bouncedInWords(mail) ?? answered(mail)
}

/** By the address it came to, else by the mail it is about or answers. */
const refOf = (mail: OpenedMail, { refIn }: MailTokens): string | undefined =>
  refIn(mail.envelopeTo) ??
  refIn(mail.part(/^message\/feedback-report$/) ?? '') ??
  refIn(mail.original) ??
  refIn(mail.header('in-reply-to') ?? '') ??
  refIn(mail.header('references') ?? '')

/** A server that did not hear our yes brings the same mail again. */
const idOf = (
  { messageId }: OpenedMail,
  { raw, envelopeTo }: ReceivedMail,
  ref: string,
  kind: string,
): string =>
  createHash('sha256')
    .update(JSON.stringify([ref, kind, messageId ?? [envelopeTo, bodyOf(raw)]]))
    .digest('base64url')
    .slice(0, 22)

const bodyOf = (raw: Buffer): string => {
  const end = raw.indexOf('\r\n\r\n')
  return createHash('sha256').update(raw.subarray(Math.max(end, 0))).digest('base64url') // prettier-ignore
}
