import { languages, type Language, type Words } from '../../catalog/languages'
import { html, type Html } from '../html'
import type { Reply } from '../route'

/** The answers of every page for customers. */
export const pageAnswers = {
  200: { description: 'A page for the customer', type: 'text/html' },
  404: { description: 'A page: the link is not one of ours, or too old', type: 'text/html' },
}

/** A page for a customer: no script, no cookie, and nothing that names them. */
export const page = <Status extends number>(
  status: Status,
  language: Language,
  title: string,
  content: Html,
): Reply<Status> => ({
  status,
  headers: { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex' },
  body: html`<!doctype html>
    <html lang="${languages[language].code}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="../console/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body class="plain">
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`,
})

/** For links we did not sign, of customers and touchpoints that are gone, or too old: all look the same. */
export function unknownLink(language: Language): Reply<404> {
  const { title, text } = wordsIn(language).unknown
  return page(404, language, title, html`<p>${text}</p>`)
}

export const wordsIn = (language: Language): Words => languages[language]

/** Puts values in place of `{name}`. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (all, name: string) => (Object.hasOwn(values, name) ? values[name]! : all))
