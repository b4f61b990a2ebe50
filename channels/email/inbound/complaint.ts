import type { Receipt } from '../../../sdk'
import type { OpenedMail } from './mail'
import { fieldsOf } from './report'

type Kind = Receipt['kind']

// RFC 5965; `not-spam` and what is about authentication (RFC 6591) are no complaints.
const kinds: Readonly<Record<string, Kind>> = {
  abuse: 'complained',
  fraud: 'complained',
  virus: 'complained',
  other: 'complained',
  'opt-out': 'unsubscribed',
}

/** A report of a feedback loop; undefined for what is none, or complains of nothing. */
export function complained(mail: OpenedMail): Pick<Receipt, 'kind' | 'because'> | undefined {
  const type = feedbackType(mail)?.toLowerCase() ?? ''
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  return kind && { kind, because: `feedback: ${type}` }
}

const feedbackType = (mail: OpenedMail): string | undefined =>
  fieldsOf(mail.part(/^message\/feedback-report$/) ?? '').get('feedback-type')
