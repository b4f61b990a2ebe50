// Which edit of a journey harms whom: the table of docs/guides/change-a-live-journey.md, and what edits.test.ts proves of it.

/** Where the edit lies for the customer: still to come, where they wait now, or behind. */
export const positions = ['before', 'at', 'past'] as const
export type Position = (typeof positions)[number]

/** The step where a customer of each position waits. */
export const waitsAt: Readonly<Record<Position, string>> = { before: 'first', at: 'edited', past: 'last' }

export interface Cell {
  /** `breaks` is what `check` says. */
  readonly is: 'safe' | 'breaks'
  /** What the table says beside that. */
  readonly words?: string
  /**
   * How it goes on with the new build: what is sent to the end, with the days since the beginning; its outcome at the event
   * that the new definition is about; or not at all.
   */
  readonly then:
    { readonly sends: string; readonly because?: string } | { readonly outcome: object } | 'stuck'
}

export interface Edit {
  readonly journey: string
  readonly words: string
  readonly change: (source: string) => string
  readonly cells: Readonly<Record<Position, Cell>>
}

const EXTRA = "await journey.send('extra', email('trial/first-step'))"
const TOLD = "await journey.send('told', email('trial/what-others-do'))"
const EDITED = "await journey.waitFor('edited', { active: featureUsed }, '5 days')"

/** A journey with a wait to be edited, one before and one after; `arm` is known where it decides. */
export const sourceOf = ({ journey, enrollOn = '', arm = 'const arm = journey.customer' }: Shape): string => `
import { accountClosed, featureUsed, helpRequested, orderCompleted, orderDelivered, projectCreated, subscriptionStarted, teammateInvited, trialStarted } from '../../catalog/events'
import { completed, email } from '../../sdk'
import { defineJourney } from '../enrollment'

export const ${journey} = defineJourney(
  { ${enrollOn}goal: { on: subscriptionStarted }, exitOn: [accountClosed], category: 'transactional' },
  async (journey) => {
    await journey.send('hello', email('trial/welcome'))
    await journey.waitFor('first', { created: projectCreated }, '3 days')
    ${EDITED}
    ${arm}
    ${TOLD}
    await journey.waitFor('last', { joined: teammateInvited }, '5 days')
    await journey.send('bye', email('trial/farewell'))
    return completed('is' in arm ? arm.is : 'over')
  },
)
`

export interface Shape {
  readonly journey: string
  readonly enrollOn?: string
  readonly arm?: string
}

const decides = (arms: string, only: string): string =>
  `const arm = await journey.decide('arm', { arms: [${arms}], policy: { is: 'fixed', weights: { ${only}: 1 } }, within: '9 days' })`

/** What differs from the plain journey, before any edit. */
export const shapes: Readonly<Record<string, Partial<Shape>>> = {
  armAdded: { arm: decides("'one'", 'one') },
  policyChanged: { arm: decides("'one', 'two'", 'one') },
  shareAdded: { arm: "const share = journey.split('share', { a: 1 })\nconst arm = { is: share }" },
  entryChanged: { enrollOn: 'enrollOn: trialStarted, ' },
}

/** Throws where nothing is there to be replaced. */
const from =
  (text: string, to: string) =>
  (source: string): string => {
    if (!source.includes(text)) throw new Error(`there is no ${text}`)
    return source.replace(text, () => to)
  }

const lives = (sends: string, words?: string, because?: string): Cell => ({
  is: 'safe',
  words,
  then: { sends, because },
})
const silent = 'hello 0, told 8, bye 13'
const withExtra = 'hello 0, extra 8, told 8, bye 13'
const unharmed = lives(silent)
const everywhere = { before: unharmed, at: unharmed, past: unharmed }
const stuck: Cell = { is: 'breaks', then: 'stuck' }
const ends = (outcome: object, words?: string): Cell => ({ is: 'safe', words, then: { outcome } })
const converted = ends({ is: 'converted', event: 'Order Completed' }, 'the new one counts at once')
const exited = ends({ is: 'exited', because: 'Help Requested' }, 'the new one counts at once')

/** Every row of the table. */
export const edits: readonly Edit[] = [
  { journey: 'messageChanged', words: 'another message at a send', change: from("'trial/what-others-do'", "'trial/first-step'"), cells: everywhere },
  { journey: 'delayLonger', words: 'delay longer', change: from("featureUsed }, '5 days'", "featureUsed }, '9 days'"), cells: { before: lives('hello 0, told 12, bye 17'), at: lives(silent, 'the old delay counts'), past: unharmed } },
  { journey: 'delayShorter', words: 'delay shorter', change: from("featureUsed }, '5 days'", "featureUsed }, '2 days'"), cells: { before: lives('hello 0, told 5, bye 10'), at: lives(silent, 'the old delay counts'), past: unharmed } },
  { journey: 'stepAdded', words: 'step added', change: from(TOLD, `${EXTRA}\n${TOLD}`), cells: { before: lives(withExtra), at: lives(withExtra, 'who waits right before it gets it'), past: stuck } },
  { journey: 'stepAddedByRevision', words: 'step added behind `journey.revision`', change: from(TOLD, `if (journey.revision('extra-added')) ${EXTRA}\n${TOLD}`), cells: { before: lives(withExtra), at: lives(withExtra, 'who waits right before it gets it'), past: lives(silent, 'they do without it') } },
  { journey: 'stepAddedByInstant', words: 'step added from an instant on', change: from(TOLD, `if (journey.now() >= Date.parse('2100-01-01')) ${EXTRA}\n${TOLD}`), cells: everywhere },
  { journey: 'waitRemoved', words: 'wait removed', change: from(EDITED, ''), cells: { before: lives('hello 0, told 3, bye 8'), at: { ...stuck, words: 'is stuck, or goes on too early' }, past: stuck } },
  { journey: 'sendRemoved', words: 'send removed', change: from(TOLD, ''), cells: { before: lives('hello 0, bye 13'), at: lives('hello 0, bye 13'), past: stuck } },
  { journey: 'sendRemovedByRevision', words: 'send removed behind `!journey.revision`', change: from(TOLD, `if (!journey.revision('told-removed')) ${TOLD}`), cells: { before: lives('hello 0, bye 13'), at: lives('hello 0, bye 13'), past: unharmed } },
  { journey: 'waitRenamed', words: 'wait renamed, but for the first of a journey', change: from("'edited', {", "'other', {"), cells: everywhere },
  { journey: 'sendRenamed', words: 'send renamed', change: from("'told', email", "'said', email"), cells: { before: lives('hello 0, said 8, bye 13'), at: lives('hello 0, said 8, bye 13'), past: unharmed } },
  { journey: 'sendsSwapped', words: 'two sends change places', change: (source) => from("'NEXT', email", "'bye', email")(from("'bye', email", "'told', email")(from("'told', email", "'NEXT', email")(source))), cells: { before: lives('hello 0, bye 8, told 13'), at: lives('hello 0, bye 8, told 13'), past: { is: 'breaks', words: 'between the two: one is never sent', then: { sends: 'hello 0, told 8' } } } },
  { journey: 'armAdded', words: 'arm added to a decision', change: from(decides("'one'", 'one'), decides("'one', 'two'", 'two')), cells: { before: lives(silent, undefined, 'two'), at: lives(silent, undefined, 'two'), past: lives(silent, 'what was decided stands', 'one') } },
  { journey: 'shareAdded', words: 'share added to a split, with a step of its own', change: (source) => from(TOLD, `if (share === 'b') ${EXTRA}\n${TOLD}`)(from('{ a: 1 }', '{ a: 1, b: 1_000_000 }')(source)), cells: { before: lives(withExtra), at: lives(withExtra), past: { ...stuck, words: 'for those on whom it falls' } } },
  { journey: 'policyChanged', words: 'policy of a decision', change: from('{ one: 1 }', '{ two: 1 }'), cells: { before: lives(silent, undefined, 'two'), at: lives(silent, undefined, 'two'), past: lives(silent, 'what was decided stands', 'one') } },
  { journey: 'labelAdded', words: 'label added to a wait', change: from('{ active: featureUsed }', '{ active: featureUsed, late: orderDelivered }'), cells: everywhere },
  { journey: 'entryChanged', words: 'entry rule', change: from('enrollOn: trialStarted', "enrollOn: trialStarted.where({ plan: 'team' })"), cells: { before: lives(silent, 'who is inside stays; others enter by the new one'), at: unharmed, past: unharmed } },
  { journey: 'goalChanged', words: 'goal', change: from('on: subscriptionStarted', 'on: orderCompleted'), cells: { before: converted, at: converted, past: converted } },
  { journey: 'exitAdded', words: 'exit', change: from('[accountClosed]', '[accountClosed, helpRequested]'), cells: { before: exited, at: exited, past: exited } },
] // prettier-ignore

/** A row of the table as the guide has it. */
export const rowOf = ({ words, cells }: Edit): string[] => [
  words,
  ...positions.map((position) => [cells[position].is, cells[position].words].filter(Boolean).join('; ')),
]

const revision = sourceOf({ journey: 'stepAddedByRevision' })
const withExtraAs = (journey: string, before: string): string =>
  from('stepAddedByRevision', journey)(from(TOLD, `${before}${EXTRA}\n${TOLD}`)(revision))

/** What comes of a revision once its old way is gone: `revised` in its place, or nothing, too early. */
export const laterRevisions = {
  stepRevised: withExtraAs('stepRevised', "journey.revised('extra-added')\n"),
  stepForgotten: withExtraAs('stepForgotten', ''),
}

/** Two stages; who is past the edit of the first can't be taken over by the new build. */
export const staged = {
  old: stagedSource('', 'trial/welcome'),
  now: stagedSource("await journey.send('extra', email('trial/first-step'))", 'trial/farewell'),
}

function stagedSource(between: string, template: string): string {
  return `
import { featureUsed, projectCreated, teammateInvited } from '../../catalog/events'
import { email } from '../../sdk'
import { defineJourney } from '../enrollment'

export const staged = defineJourney(
  { exitOn: [teammateInvited], category: 'transactional' },
  {
    one: async (journey) => {
      await journey.waitFor('start', { on: projectCreated }, '3 days')
      ${between}
      await journey.waitFor('middle', { on: featureUsed }, '5 days')
      return 'two'
    },
    two: async (journey) => {
      await journey.send('second', email('${template}'))
      await journey.waitFor('rest', { on: featureUsed }, '30 days')
    },
  },
)
`
}
