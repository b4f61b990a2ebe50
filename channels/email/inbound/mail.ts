import { simpleParser, type ParsedMail, type SimpleParserOptions } from 'mailparser'

/** A mail as a server handed it to us. */
export interface ReceivedMail {
  /** The sender in the envelope; empty for reports. */
  readonly envelopeFrom: string
  /** The recipient in the envelope. */
  readonly envelopeTo: string
  readonly raw: Buffer
  /** Epoch ms. */
  readonly at: number
}

/** What of a mail is looked at. */
export interface OpenedMail extends Pick<ReceivedMail, 'envelopeFrom' | 'envelopeTo'> {
  /** Name and address; empty where there is none. */
  readonly from: string
  readonly fromAddress: string
  readonly subject: string
  readonly messageId: string | undefined
  /** Without parameters, in lower case. */
  readonly contentType: string
  /** The text; of mails in HTML alone, what it reads. */
  readonly text: string
  /** The value of a header, by its lower-case name; of a repeated one the first. */
  header(name: string): string | undefined
  /** The first part of such a type. */
  part(type: RegExp): string | undefined
  /** The headers of the mail that it is about, where it brings them along. */
  readonly original: string
  /** To whom that one was written, in lower case. */
  readonly writtenTo: string | undefined
}

// The first two: reports, and mails given back, as parts of their own. mailparser's types lack some of these.
const PARSING = {
  keepDeliveryStatus: true,
  ignoreEmbedded: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  maxHtmlLengthToParse: 100_000,
  maxChildNodes: 100,
} as SimpleParserOptions

/** Reads a mail, whole or cut off. Rejects for what is no mail at all. */
export async function openMail({ envelopeFrom, envelopeTo, raw }: ReceivedMail): Promise<OpenedMail> {
  const parsed = await simpleParser(raw, PARSING)
  const header = (name: string): string | undefined => headerIn(parsed, name)
  const part = (type: RegExp): string | undefined =>
    parsed.attachments.find(({ contentType }) => type.test(contentType))?.content.toString()
  const original = part(/^(message\/(global|rfc822|global-headers)|text\/rfc822(-headers)?)$/) ?? ''
  return {
    envelopeFrom,
    envelopeTo,
    from: parsed.from?.text.trim() ?? '',
    fromAddress: parsed.from?.value[0]?.address ?? '',
    subject: parsed.subject ?? '',
    messageId: parsed.messageId,
    contentType: (header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase(),
    text: parsed.text ?? '',
    header,
    part,
    original: original.split(/\r?\n\r?\n/, 1)[0]!,
    writtenTo: /^to:.*?([^\s<>",:;]+@[^\s<>",:;]+)/im.exec(original)?.[1]?.toLowerCase(),
  }
}

function headerIn({ headerLines }: ParsedMail, name: string): string | undefined {
  const line = headerLines.find(({ key }) => key === name)?.line
  return line
    ?.slice(line.indexOf(':') + 1)
    .replace(/\r?\n(?=[ \t])/g, '')
    .trim()
}
