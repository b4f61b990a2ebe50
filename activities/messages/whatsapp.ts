import { MessageError } from './engine'
import type { MessageTemplate } from './formats'
import { filled, headed } from './headed'
import { textTemplate } from './text'

/** A text of ours, all of the file; or, where it begins so, `template: HX…` and a line for each of its variables. */
export const whatsappTemplate = (source: string, file: string): MessageTemplate =>
  /^\s*template:/i.test(source) ? approvedTemplate(source, file) : ownText(source, file)

const ownText = textTemplate('none')

function approvedTemplate(source: string, file: string): MessageTemplate {
  const head = headed(source, file)
  const names = head.names.filter((name) => name !== 'template')
  return {
    variables: head.variables,
    render(scope) {
      const id = head.field('template', scope)
      if (!/^HX[0-9a-f]{32}$/i.test(id))
        throw new MessageError(`${file}: the template must read HX and 32 hex digits`)
      // WhatsApp refuses a whole message for the sake of an empty variable.
      const valueOf = (name: string): string =>
        filled(head.field(name, scope), `${file}: the variable ${name} is empty`)
      return { template: { id, variables: Object.fromEntries(names.map((name) => [name, valueOf(name)])) } }
    },
  }
}
