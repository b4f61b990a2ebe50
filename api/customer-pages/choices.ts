import { purposes } from '../../catalog/topics'
import { contactChannels, decisiveWord, silenceMeans, type Limits } from '../../sdk/contact'
import type { Consent, NewConsent } from '../../store/store'

/** One box of the preference centre. */
export interface Choice {
  readonly channel: string
  /** `marketing` stands for all that has no topic. */
  readonly purpose: string
  readonly on: boolean
}

/** What holds for the customer: their words, and what their silence means. */
export interface Standing {
  readonly words: readonly (Pick<Consent, 'channel' | 'purpose' | 'state' | 'occurredAt'> & {
    readonly basis?: Consent['basis']
  })[]
  readonly limits: Limits
  readonly country: string | undefined
}

/** Every topic on every one of the channels, as it stands. */
export const choicesOf = (standing: Standing, channels: readonly string[]): Choice[] =>
  channels.flatMap((channel) =>
    [...purposes.filter((purpose) => purpose !== 'marketing'), 'marketing'].map((purpose) => ({
      channel,
      purpose,
      on: isOn(standing, { channel, purpose }),
    })),
  )

type Box = Pick<Choice, 'channel' | 'purpose'>
type Word = Pick<NewConsent, 'channel' | 'purpose' | 'state' | 'basis' | 'occurredAt'>

const decisive = ({ words }: Standing, { channel, purpose }: Box) =>
  decisiveWord(words, channel, purpose === 'marketing' ? null : purpose)

function isOn(standing: Standing, box: Box): boolean {
  const word = decisive(standing, box)
  if (word) return word.state === 'granted'
  return silenceMeans(standing.limits, box.channel, standing.country) === 'allowed'
}

/**
 * What the customer said by leaving the boxes as they did: a word for each that they changed, since a box that was ticked for
 * them is no yes. A word on all marketing may turn others; those get one that keeps them as they are.
 */
export function wordsSaid(
  standing: Standing,
  shown: readonly Choice[],
  isTicked: (box: Box) => boolean,
  clock: number,
): Word[] {
  const occurredAt = momentAfter(standing, clock)
  const changed = shown
    .filter((choice) => isTicked(choice) !== choice.on)
    .map(({ channel, purpose, on }): Word => ({
      channel,
      purpose,
      occurredAt,
      ...(on ? { state: 'withdrawn' } : { state: 'granted', basis: 'consent' }),
    }))
  const after = { ...standing, words: [...changed, ...standing.words] }
  const kept = shown
    .filter((choice) => isTicked(choice) === choice.on && isOn(after, choice) !== isOn(standing, choice))
    .map((choice): Word => ({ ...keeping(standing, choice), occurredAt }))
  return [...changed, ...kept]
}

function keeping(standing: Standing, { channel, purpose }: Box): Omit<Word, 'occurredAt'> {
  const box = { channel, purpose }
  if (!isOn(standing, box)) return { ...box, state: 'withdrawn' }
  return { ...box, state: 'granted', basis: decisive(standing, box)?.basis ?? undefined }
}

/** No marketing by these channels, whatever was said on a topic before. Those that are silent already get no second word. */
export function withdrawals(
  standing: Standing,
  clock: number,
  channels: readonly string[] = contactChannels,
): Word[] {
  const occurredAt = momentAfter(standing, clock)
  return channels
    .filter((channel) => !isSilent(standing, channel))
    .map((channel) => ({ channel, purpose: 'marketing', state: 'withdrawn', occurredAt }))
}

/** Nothing more on one topic. */
export const topicWithdrawal = (
  standing: Standing,
  { channel, topic }: { readonly channel: string; readonly topic: string },
  clock: number,
): Word[] => [{ channel, purpose: topic, state: 'withdrawn', occurredAt: momentAfter(standing, clock) }]

function isSilent({ words }: Standing, channel: string): boolean {
  const ofChannel = words.filter((word) => word.channel === channel)
  const ofAll = ofChannel.find(({ purpose }) => purpose === 'marketing')
  if (ofAll?.state !== 'withdrawn') return false
  return ofChannel.every(({ state, occurredAt }) => state === 'withdrawn' || occurredAt < ofAll.occurredAt)
}

/** What is said with a click comes after all that was said, also by senders whose clocks are ahead. */
const momentAfter = ({ words }: Standing, clock: number): number =>
  Math.max(clock, ...words.map(({ occurredAt }) => occurredAt + 1))
