import type { Content } from '../../channels'
import type { Links } from '../../channels/links'
import { audienceTemplate } from './audience'
import { MessageError, piece, type Piece, type VariableUse } from './engine'
import { filled, oneLine } from './headed'
import { pushTemplate } from './push'
import { textTemplate } from './text'
import { whatsappTemplate } from './whatsapp'
import { inboxTemplate } from './inbox'

/** What a message's text may use. */
export interface MessageScope {
  /** `id` and the traits. */
  readonly customer: Readonly<Record<string, unknown>>
  /** The properties of the event that enrolled. */
  readonly trigger: Readonly<Record<string, unknown>>
  /** What the send gave along. */
  readonly data: Readonly<Record<string, unknown>>
  readonly links: { readonly [Link in keyof Links]: string }
  /** The journey's name. */
  readonly journey: string
}

export interface MessageTemplate {
  render(scope: MessageScope): Content
  readonly variables: readonly VariableUse[]
}

/** How a channel's messages are written. Each throws MessageError for a source that is not of its form. */
export const formats: Readonly<Record<string, (source: string, file: string) => MessageTemplate>> = {
  email: emailTemplate,
  sms: textTemplate('none'),
  voice: textTemplate('none'),
  whatsapp: whatsappTemplate,
  push: pushTemplate,
  'web-push': pushTemplate,
  slack: textTemplate('slack'),
  inbox: inboxTemplate,
  audience: audienceTemplate,
  webhook: webhookTemplate,
}

function emailTemplate(source: string, file: string): MessageTemplate {
  const { head, sections } = divided(source, file)
  const subject = piece(subjectOf(head, file), 'none', { file, offset: 0 })
  const text = sectionPiece(sections, 'text', 'none', file)
  const html = sectionPiece(sections, 'html', 'html', file)
  if (!text) throw new MessageError(`${file}: there is no line "--- text" with the text below it`)
  return {
    variables: [subject, text, ...(html ? [html] : [])].flatMap(({ variables }) => variables),
    render: (scope) => ({
      subject: filled(oneLine(subject.render(scope)), `${file}: the subject is empty`),
      text: filled(text.render(scope), `${file}: the text is empty`),
      ...(html && { html: html.render(scope) }),
    }),
  }
}

function webhookTemplate(source: string, file: string): MessageTemplate {
  const body = piece(source, 'json', { file, offset: 0 })
  return { variables: body.variables, render: (scope) => ({ body: jsonObject(body.render(scope), file) }) }
}

interface Section {
  readonly lines: string[]
  /** Lines of the file before it. */
  readonly offset: number
}

function divided(source: string, file: string): { head: string[]; sections: Map<string, Section> } {
  const head: string[] = []
  const sections = new Map<string, Section>()
  let into = head
  for (const [index, line] of source.split(/\r?\n/).entries()) {
    const name = /^--- *(\w+) *$/.exec(line)?.[1]
    if (name === undefined) {
      into.push(line)
      continue
    }
    if (name !== 'text' && name !== 'html')
      throw new MessageError(`${file}, line ${index + 1}: there is no section ${name}, only text and html`)
    if (sections.has(name)) throw new MessageError(`${file}, line ${index + 1}: a second section ${name}`)
    into = []
    sections.set(name, { lines: into, offset: index + 1 })
  }
  return { head, sections }
}

// A subject may go on in further lines; they are joined when it is rendered.
function subjectOf(head: string[], file: string): string {
  const [first = '', ...more] = head
  if (!/^subject:/i.test(first))
    throw new MessageError(`${file}, line 1: the first line must read "subject: …"`)
  return [first.replace(/^subject:/i, ''), ...more].join('\n')
}

function sectionPiece(
  sections: Map<string, Section>,
  name: string,
  escaping: 'none' | 'html',
  file: string,
): Piece | undefined {
  const section = sections.get(name)
  if (!section || section.lines.every((line) => line.trim() === '')) return undefined
  const { render, variables } = piece(section.lines.join('\n'), escaping, { file, offset: section.offset })
  return {
    variables,
    render: (scope) =>
      `${render(scope)
        .replace(/^\s*\n/, '')
        .trimEnd()}\n`,
  }
}

function jsonObject(text: string, file: string): object {
  const value = parsedJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new MessageError(
    `${file}: what it renders to is not a JSON object; write every value as {{ … | json }}`,
  )
}

// The parser's own words quote the text, and with it the customer.
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
