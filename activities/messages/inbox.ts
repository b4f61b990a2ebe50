import { durationMs, isDuration } from '../../sdk/time'
import { MessageError } from './engine'
import type { MessageTemplate } from './formats'
import { fieldsAre, filled, headed } from './headed'

/** A head of `title: …`, perhaps `link: https://…` and `keep: 7 days`, then below `--- text` what it says. */
export function inboxTemplate(source: string, file: string): MessageTemplate {
  const head = headed(source, file)
  fieldsAre(head, ['title', 'link', 'keep'], file)
  if (!head.hasText) throw new MessageError(`${file}: there is no line "--- text" with the text below it`)
  const has = (name: string): boolean => head.names.includes(name)
  if (!has('title')) throw new MessageError(`${file}: there is no line "title: …"`)
  const keepMs = has('keep') ? keepOf(head.field('keep', {}), file) : undefined
  return {
    variables: head.variables,
    render: (scope) => ({
      title: filled(head.field('title', scope), `${file}: the title is empty`),
      text: filled(head.text(scope), `${file}: the text is empty`),
      ...(has('link') && { link: webAddress(head.field('link', scope), file) }),
      ...(keepMs !== undefined && { keepMs }),
    }),
  }
}

function keepOf(text: string, file: string): number {
  if (!isDuration(text)) throw new MessageError(`${file}: keep must be a duration such as 7 days`)
  return durationMs(text)
}

/** Apps open it: nothing but the web, or a path of theirs. */
function webAddress(text: string, file: string): string {
  if (/^\/[^/\\]/.test(text) || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text
  throw new MessageError(`${file}: the link is neither an address of the web nor a path`)
}
