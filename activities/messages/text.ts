import { piece, type Escaping } from './engine'
import type { MessageTemplate } from './formats'
import { filled } from './headed'

/** All of the file is the text; its line breaks stay. */
export const textTemplate =
  (escaping: Escaping) =>
  (source: string, file: string): MessageTemplate => {
    const text = piece(source, escaping, { file, offset: 0 })
    return {
      variables: text.variables,
      render: (scope) => ({ text: filled(text.render(scope).trim(), `${file}: the text is empty`) }),
    }
  }
