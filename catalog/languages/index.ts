import { de } from './de'
import { en } from './en'
import type { Words } from './words'

export type { Words } from './words'

/** The languages of the customers' pages. A new one is a file beside these, and its line here. */
export const languages = { en, de } satisfies Record<string, Words>

export type Language = keyof typeof languages

/** The first of the wished-for languages (`de`, `de-AT`, `de_AT`) that there is; else English. */
export function languageOf(wishes: readonly unknown[]): Language {
  const codes = wishes.map((wish) =>
    typeof wish === 'string' ? wish.split(/[-_]/, 1)[0]!.toLowerCase() : '',
  )
  return (codes.find((code) => Object.hasOwn(languages, code)) as Language | undefined) ?? 'en'
}
