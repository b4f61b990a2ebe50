import type { Language } from './languages'

/** A text for customers: English, and their own language where it is given. */
export type Texts = { readonly en: string } & { readonly [Other in Language]?: string }

/** What messages are about, as customers may choose it in the preference centre. */
export interface TopicTexts {
  readonly title: Texts
  readonly description: Texts
}

/**
 * What customers may choose to hear about. A journey or a message names its topic; the names stand in the records of consent,
 * so a topic may get new texts and never a new name. `marketing` is no topic: it stands for all of them.
 */
export const topics = {
  tips: {
    title: { en: 'Tips', de: 'Tipps' },
    description: {
      en: 'How to get more out of Acorn, above all in the first weeks.',
      de: 'Wie Sie mehr aus Acorn machen, vor allem in den ersten Wochen.',
    },
  },
  offers: {
    title: { en: 'Offers and reminders', de: 'Angebote und Erinnerungen' },
    description: {
      en: 'What you left in your cart, and what goes with what you have.',
      de: 'Was noch in Ihrem Warenkorb liegt, und was zu dem passt, was Sie haben.',
    },
  },
  news: {
    title: { en: 'What is new', de: 'Neues' },
    description: { en: 'New features, a few times a year.', de: 'Neue Funktionen, einige Male im Jahr.' },
  },
} satisfies Record<string, TopicTexts> & { marketing?: never }

export type Topic = keyof typeof topics

/** What a customer may say yes or no to: a topic, or all marketing. */
export type Purpose = 'marketing' | Topic

export const purposes = ['marketing', ...(Object.keys(topics) as Topic[])] as const
