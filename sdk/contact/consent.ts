import { allows, withholds, type ConsentWord, type Contact, type Rule } from './contact'
import type { Limits, SilenceRule } from './limits'

/**
 * The customer's word on marketing by the channel. The narrower word counts: one on the topic, unless a later word on all
 * marketing withdrew; then one on all marketing; then what the limits make of silence.
 */
export const consent: Rule = {
  name: 'consent',
  rule(contact) {
    const { category, channel, topic } = contact.proposal
    if (category === 'transactional') return allows('transactional messages do not need it')
    const word = decisiveWord(contact.consents, channel, topic)
    if (!word) return silence(contact)
    const what = word.purpose === topic ? `topic ${topic}` : word.purpose
    const said = `consent to ${what} by ${channel} was ${word.state} on ${dayOf(word.occurredAt)}`
    return word.state === 'granted' ? allows(said) : withholds('unsubscribed', said)
  },
}

/** The word that counts for a topic, or for what has none. `consents` hold the newest word on each channel and purpose. */
export function decisiveWord<Word extends ConsentWord>(
  consents: readonly Word[],
  channel: string,
  topic: string | null,
): Word | undefined {
  const on = (purpose: string | null): Word | undefined =>
    consents.find((word) => word.channel === channel && word.purpose === purpose)
  const [ofTopic, ofAll] = [on(topic), on('marketing')]
  if (!ofTopic || !ofAll) return ofTopic ?? ofAll
  return ofAll.state === 'withdrawn' && ofAll.occurredAt > ofTopic.occurredAt ? ofAll : ofTopic
}

/** What a customer's silence on marketing by a channel means. */
export function silenceMeans(
  { silence }: Pick<Limits, 'silence'>,
  channel: string,
  country: string | undefined,
): SilenceRule['means'] {
  const fits = ({ channels, countries }: SilenceRule): boolean =>
    (channels?.includes(channel) ?? true) && (!countries || (!!country && countries.includes(country)))
  return silence.find(fits)?.means ?? 'allowed'
}

function silence({ limits, country, proposal: { channel } }: Contact) {
  const means = silenceMeans(limits, channel, country)
  const said = `the customer has said nothing on marketing by ${channel}`
  return means === 'allowed'
    ? allows(`${said}, which the limits take as allowed`)
    : withholds('no-consent', `${said}, and the limits ask for a yes`)
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
