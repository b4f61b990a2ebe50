import { durationMs, isDuration } from '../../sdk/time'
import { MessageError, piece, type Piece } from './engine'
import type { MessageTemplate } from './formats'
import { filled } from './headed'

const HEADS = ['title', 'link', 'keep']

/** A head of `title: …`, perhaps `link: https://…` and `keep: 7 days`, then below `--- text` what it says. */
export function inboxTemplate(source: string, file: string): MessageTemplate {
  const lines = source.split(/\r?\n/)
  const end = lines.findIndex((line) => /^--- *text *$/.test(line))
  if (end < 0) throw new MessageError(`${file}: there is no line "--- text" with the text below it`)
  const heads = headsOf(lines.slice(0, end), file)
  const { title, link } = heads
  if (!title) throw new MessageError(`${file}: there is no line "title: …"`)
  const keepMs = keepOf(heads.keep?.render({}).trim(), file)
  const text = piece(lines.slice(end + 1).join('\n'), 'none', { file, offset: end + 1 })
  const pieces = [title, text, ...(link ? [link] : [])]
  return {
    variables: pieces.flatMap(({ variables }) => variables),
    render: (scope) => ({
      title: filled(title.render(scope).trim(), `${file}: the title is empty`),
      text: filled(text.render(scope).trim(), `${file}: the text is empty`),
      ...(link && { link: webAddress(link.render(scope).trim(), file) }),
      ...(keepMs !== undefined && { keepMs }),
    }),
  }
}

function headsOf(lines: readonly string[], file: string): Partial<Record<string, Piece>> {
  const heads: Record<string, Piece> = {}
  for (const [index, line] of lines.entries()) {
    const [, name = '', value = ''] = /^(\w+): *(.*)$/.exec(line) ?? []
    if (line.trim() === '') continue
    if (!HEADS.includes(name) || heads[name])
      throw new MessageError(`${file}, line ${index + 1}: it must be one of ${HEADS.join(', ')}, once each`)
    heads[name] = piece(value, 'none', { file, offset: index })
  }
  return heads
}

function keepOf(text: string | undefined, file: string): number | undefined {
  if (text === undefined) return undefined
  if (!isDuration(text)) throw new MessageError(`${file}: keep must be a duration such as 7 days`)
  return durationMs(text)
}

/** Apps open it: nothing but the web, or a path of theirs. */
function webAddress(text: string, file: string): string {
  if (/^\/[^/\\]/.test(text) || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text
  throw new MessageError(`${file}: the link is neither an address of the web nor a path`)
}
