/** HTML that is safe to send as it is. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text
  }
}

type Piece = Html | string | number | null | undefined | false | readonly Piece[]

/** HTML from a template: every value is escaped unless it is HTML itself; null, undefined and false are nothing. */
export const html = (texts: TemplateStringsArray, ...values: readonly Piece[]): Html =>
  new Html(texts.map((text, index) => text + (index < values.length ? rendered(values[index]) : '')).join(''))

function rendered(value: Piece): string {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(rendered).join('')
  return value === null || value === undefined || value === false ? '' : escape(String(value))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter]!)
