/** Reports and answers as mail servers and people write them; lines end as in mails. */
export const crlf = (...lines: readonly string[]): string => lines.join('\r\n')

export interface Report {
  readonly recipient: string
  readonly status: string
  readonly action?: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  readonly diagnostic?: string
  /** The headers of the mail it is about; none: it is not given back. */
  readonly original?: string
  readonly id?: string
  readonly explanation?: string
}

/** RFC 3464, as Postfix forms it. */
export const deliveryReport = ({
  recipient,
  status,
  action = 'failed',
  diagnostic,
  original,
  id = `<${recipient}.${status}.${action}@mx.customers.example>`,
  explanation = 'I am sorry to have to inform you that your message could not be delivered.',
}: Report): string =>
  crlf(
    'From: MAILER-DAEMON@mx.customers.example (Mail Delivery System)',
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: ${id}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="B/mx"',
    '',
    'This is a MIME-encapsulated message.',
    '',
    '--B/mx',
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    explanation,
    '',
    '--B/mx',
    'Content-Description: Delivery report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.customers.example',
    'X-Postfix-Queue-ID: 3CF0E1C03B',
    'Arrival-Date: Mon,  1 Mar 2027 10:00:00 +0100 (CET)',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Original-Recipient: rfc822;${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    ...(diagnostic === undefined ? [] : [`Diagnostic-Code: smtp; ${diagnostic}`]),
    '',
    ...(original === undefined
      ? []
      : ['--B/mx', 'Content-Description: Undelivered Message Headers', 'Content-Type: text/rfc822-headers', '', original, '']), // prettier-ignore
    '--B/mx--',
    '',
  )

/** RFC 5965, appendix A, with what a feedback loop leaves of the mail. */
export const feedbackReport = (type: string, original: string): string =>
  crlf(
    'From: <abusedesk@example.com>',
    'Subject: FW: Earn money',
    `Message-ID: <${type}.20030712@example.com>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report;',
    '     boundary="part1_13d.2e68ed54_boundary"',
    '',
    '--part1_13d.2e68ed54_boundary',
    'Content-Type: text/plain; charset="US-ASCII"',
    'Content-Transfer-Encoding: 7bit',
    '',
    'This is an email abuse report for an email message received from IP',
    '192.0.2.1 on Thu, 8 Mar 2005 14:00:00 EDT.',
    '',
    '--part1_13d.2e68ed54_boundary',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: SomeGenerator/1.0',
    'Version: 1',
    '',
    '--part1_13d.2e68ed54_boundary',
    'Content-Type: message/rfc822',
    'Content-Disposition: inline',
    '',
    original,
    '',
    'Spam Spam Spam',
    '--part1_13d.2e68ed54_boundary--',
    '',
  )

export interface Answer {
  readonly text: string
  readonly from?: string
  readonly subject?: string
  readonly headers?: readonly string[]
  readonly type?: string
}

/** A mail of a person, or of a program that answers for one. */
export const answerMail = ({
  text,
  from = 'Ada <ada@customers.example>',
  subject = 'Re: Hello',
  headers = [],
  type = 'text/plain; charset=utf-8',
}: Answer): string =>
  crlf(
    `From: ${from}`,
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    ...headers,
    `Content-Type: ${type}`,
    '',
    text,
    '',
  )
