import type { ApprovedTemplate } from '../../channels'
import { MessageError } from './engine'
import type { MessageTemplate } from './formats'
import { filled, headed } from './headed'
import { textTemplate } from './text'

/**
 * A text of ours, all of the file; or, where it begins so, the line `template:` and one for each of its variables. The template
 * is named as Twilio has it (`HX…`), as Meta has it (`name/language`), or both.
 */
export const whatsappTemplate = (source: string, file: string): MessageTemplate =>
  /^\s*template:/i.test(source) ? approvedTemplate(source, file) : ownText(source, file)

const ownText = textTemplate('none')

function approvedTemplate(source: string, file: string): MessageTemplate {
  const head = headed(source, file)
  const names = head.names.filter((name) => name !== 'template')
  return {
    variables: head.variables,
    render(scope) {
      const named = namesIn(head.field('template', scope), file)
      // WhatsApp refuses a whole message for the sake of an empty variable.
      const valueOf = (name: string): string =>
        filled(head.field(name, scope), `${file}: the variable ${name} is empty`)
      return {
        template: { ...named, variables: Object.fromEntries(names.map((name) => [name, valueOf(name)])) },
      }
    },
  }
}

function namesIn(text: string, file: string): Omit<ApprovedTemplate, 'variables'> {
  const names = text.split(/[\s,]+/)
  const id = names.find((name) => /^HX[0-9a-f]{32}$/i.test(name))
  const [, name, language] =
    names.map((each) => /^([a-z0-9_]{1,512})\/([a-zA-Z_]{2,15})$/.exec(each)).find(Boolean) ?? []
  const known = [id, name].filter(Boolean)
  if (known.length === 0 || known.length < names.length)
    throw new MessageError(
      `${file}: the template must read HX and 32 hex digits, or name/language as Meta has it`,
    )
  return { ...(id && { id }), ...(name && language && { approved: { name, language } }) }
}
