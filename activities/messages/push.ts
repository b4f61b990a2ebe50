import type { MessageTemplate } from './formats'
import { fieldsAre, filled, headed } from './headed'

/** `title: …`, perhaps `link: …`, and below `--- text` what it says. */
export function pushTemplate(source: string, file: string): MessageTemplate {
  const head = headed(source, file)
  fieldsAre(head, ['title', 'link'], file)
  return {
    variables: head.variables,
    render(scope) {
      const link = head.field('link', scope)
      return {
        title: filled(head.field('title', scope), `${file}: the title is empty`),
        text: filled(head.text(scope), `${file}: the text is empty`),
        ...(link && { link }),
      }
    },
  }
}
