import type { Receipt } from '../../../sdk'
import { keywordOf } from '../../keywords'
import type { OpenedMail } from './mail'

const LONGEST = 4_000
const MOST_LINES = 2_000
const LONGEST_LINE = 1_000

/** What a person wrote back; undefined where a program did, or nothing was written. */
export function answered(mail: OpenedMail): Pick<Receipt, 'kind' | 'text'> | undefined {
  if (isByMachine(mail)) return undefined
  const text = ownWords(mail.text)
  if (text === '') return undefined
  return keywordOf(text) === 'stop' ? { kind: 'unsubscribed' } : { kind: 'replied', text }
}

const MACHINES = /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|root|daemon)([+.-][^@]*)?@/i
// Where no header says so; what Outlook, Exchange and others write there in the languages we meet.
const AWAY =
  /^(auto(matic)?[ -]?(reply|response)|out of (the )?office|automatische antwort|abwesenheits|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|resposta automática)/i

/** Answers of programs (RFC 3834, section 5, and the headers that came before it): no word of the customer's. */
export function isByMachine({
  header,
  envelopeFrom,
  fromAddress,
  subject,
  contentType,
}: OpenedMail): boolean {
  const submitted = header('auto-submitted')
  return (
    (submitted !== undefined && !/^no\b/i.test(submitted)) ||
    /^(bulk|junk|list|auto_reply)\b/i.test(header('precedence') ?? '') ||
    ['x-autoreply', 'x-autorespond', 'x-auto-response-suppress', 'list-id'].some(header) ||
    contentType === 'multipart/report' ||
    envelopeFrom === '' ||
    MACHINES.test(fromAddress) ||
    AWAY.test(subject)
  )
}

// Where the quoted mail begins: Apple and Gmail ("On … wrote:"), Outlook's rules and headers, and a signature.
const QUOTED = [
  /^\s*(on|am|le|el|il|op|em)\b.{5,}(wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu).{0,200}:\s*$/i,
  /^\s*-{3,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale)/i,
  /^\s*_{10,}\s*$/,
  /^-- ?$/,
  /^\s*(from|von|de|da|van):\s.*@/i,
]

/** Without what the customer's mail program quotes below or above it. */
export function ownWords(text: string): string {
  const lines = text.split(/\r?\n/, MOST_LINES).map((line) => line.slice(0, LONGEST_LINE))
  const end = lines.findIndex((line, index) => QUOTED.some((rule) => rule.test(joined(lines, line, index))))
  return lines
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => !/^\s*>/.test(line))
    .join('\n')
    .trim()
    .slice(0, LONGEST)
}

/** Programs break the line that introduces a quotation. */
const joined = (lines: readonly string[], line: string, index: number): string =>
  /^\s*(on|am|le|el|il|op|em)\b/i.test(line) && !line.trimEnd().endsWith(':') && line.length < 200
    ? `${line} ${lines[index + 1] ?? ''}`
    : line
