import type { LinkPurpose } from '../../channels/links'
import { languageOf, type Language } from '../../catalog/languages'
import { topics, type Texts, type Topic } from '../../catalog/topics'
import type { contactChannels } from '../../sdk/contact'
import type { CustomerRow, TouchpointRow } from '../../store/store'
import type { Api } from '../deps'
import type { Call } from '../route'
import { wordsIn } from './layout'

/** Who holds a link of ours: the customer the touchpoint went to, as far as we know. */
export interface Reader {
  readonly touchpoint: TouchpointRow
  readonly customer: CustomerRow
  readonly language: Language
}

type Asked = Pick<Call<{ token: string }>, 'params' | 'languages'>

/** Undefined for tokens we did not sign for this purpose, and where the touchpoint or the customer is gone. */
export async function readerOf(purpose: LinkPurpose, asked: Asked, api: Api): Promise<Reader | undefined> {
  const ref = api.links.verify(purpose, asked.params.token)
  const touchpoint = ref === undefined ? undefined : await api.store.touchpoints.byRef(ref)
  const customer = touchpoint && (await api.store.customers.get(touchpoint.customerId))
  if (!touchpoint || !customer) return undefined
  const { locale, language } = customer.traits
  return { touchpoint, customer, language: languageOf([locale, language, ...asked.languages]) }
}

/** Of one whom we don't know. */
export const strangersLanguage = ({ languages }: Asked): Language => languageOf(languages)

/** Now, by the customer's clock. */
export const clockOf = ({ customer }: Reader): number => Date.now() + customer.clockOffsetMs

/** `by email`, in the reader's language. */
export const byChannel = (channel: string, language: Language): string =>
  wordsIn(language).by[channel as (typeof contactChannels)[number]]

export const inLanguage = (texts: Texts, language: Language): string => texts[language] ?? texts.en

/** The touchpoint's topic as the reader knows it; undefined where it has none, or none that is still in the catalog. */
export const topicTitle = ({ touchpoint: { topic }, language }: Reader): string | undefined =>
  topic !== null && Object.hasOwn(topics, topic)
    ? inLanguage(topics[topic as Topic].title, language)
    : undefined
