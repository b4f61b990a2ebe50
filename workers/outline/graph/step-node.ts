import type ts from 'typescript'
import { isDuration, parseDuration, type SentMessage, type StepNode } from '../../../sdk'
import { choiceIn } from '../arms'
import { textsOf } from '../expressions'
import { outcomesIn } from '../tasks'
import type { Imports } from '../imports'
import type { Step } from '../steps'
import { givenText, properties } from './source-text'

/** A step as the graph has it, and what else is to be known of it on the way. */
export interface StepFacts {
  readonly node: StepNode
  /** The labels of its outcome; undefined where it has none, or the source does not say. */
  readonly outcomes?: readonly string[]
  /** Outcomes that may come at once, so that no time need pass at the step; undefined: it never waits. */
  readonly atOnce?: readonly string[]
}

type Given = readonly (ts.Expression | undefined)[]
type Read = Omit<StepFacts, 'node'> & Pick<StepNode, 'does' | 'given'>
type Reader = (given: Given, messages: readonly SentMessage[], imports: Imports) => Read

export function stepFacts(step: Step, messages: readonly SentMessage[], imports: Imports): StepFacts {
  const read = readers[step.verb] ?? others
  const { does, given, ...facts } = read(step.call.arguments.slice(1), messages, imports)
  const { id, stage, verb } = step
  return { ...facts, node: { kind: 'step', id: `step:${id}`, stage, step: id, verb, does, given } }
}

const send: Reader = ([message, sending], messages) => ({
  does: [...new Set(messages.map(({ channel, template }) => `${channel} ${template}`))].join(' or '),
  given: { ...(message && { message: givenText(message) }), ...accountsIn(messages), ...properties(sending) },
  outcomes: ['sent', 'withheld', 'failed', 'unknown'],
})

/** Also those that the journey's definition names: another account is another sender. */
function accountsIn(messages: readonly SentMessage[]): { account?: string } {
  const accounts = [...new Set(messages.flatMap(({ account }) => account ?? []))]
  return accounts.length > 0 ? { account: accounts.join(' or ') } : {}
}

/** A call may be withheld at once; an agent takes time. */
const task: Reader = ([asked]) => {
  const given = properties(asked)
  const outcomes = outcomesIn(asked)
  return {
    does: [given['queue'], given['within']].filter(Boolean).join(' · '),
    given,
    ...(outcomes && { outcomes: [...outcomes, 'expired', 'withheld', 'failed'] }),
    atOnce: ['withheld', 'failed'],
  }
}

/** An operator's `skip` makes any wait say `timeout`, so that one without a timeout has this label too. */
const waitFor: Reader = ([expected, timeout, listening], _, imports) => {
  const events = labelsOf(expected, imports)
  const labels = Object.keys(events)
  const on = labels.map((label) => [`on ${label}`, events[label]!])
  const again = properties(listening)['since'] === 'enrollment'
  return {
    does: [labels.join(', '), timeout && givenText(timeout)].filter(Boolean).join(' · '),
    given: {
      ...Object.fromEntries(on),
      ...(timeout && { timeout: givenText(timeout) }),
      ...properties(listening),
    },
    ...(labels.length > 0 && { outcomes: [...labels, 'timeout'] }),
    atOnce: [...(again ? labels : []), ...(isNoTime(timeout) ? ['timeout'] : [])],
  }
}

const sleep: Reader = ([duration]) => ({
  does: duration ? givenText(duration) : '',
  given: { ...(duration && { duration: givenText(duration) }) },
  ...(!isNoTime(duration) && { atOnce: [] }),
})

const sleepUntil: Reader = ([moment]) => {
  const given = properties(moment)
  const words = Object.entries(given).map(([name, text]) => (name === 'date' ? text : `${name} ${text}`))
  return {
    does: words.join(', '),
    given,
    outcomes: ['reached', 'past', 'skipped', 'no-date'],
    atOnce: momentsAtOnce(given),
  }
}

const split: Reader = ([shares]) => {
  const arms = properties(shares)
  const names = Object.keys(arms)
  return {
    does: names.join(' or '),
    given: Object.fromEntries(names.map((name) => [`share of ${name}`, arms[name]!])),
    ...(names.length > 0 && { outcomes: names }),
  }
}

const revision: Reader = () => ({ does: 'new or old', given: {}, outcomes: ['new', 'old'] })

const parallel: Reader = ([branches]) => {
  const names = branches ? Object.keys(properties(branches)) : []
  return { does: names.join(', '), given: {}, ...(names.length > 0 && { outcomes: names }) }
}

const call: Reader = ([activity, input]) => ({
  does: activity ? givenText(activity) : '',
  given: { ...(activity && { activity: givenText(activity) }), ...(input && { input: givenText(input) }) },
  outcomes: ['done', 'failed'],
})

const into: Reader = ([journey, handover]) => ({
  does: journey ? givenText(journey) : '',
  given: { ...(journey && { journey: givenText(journey) }), ...properties(handover) },
})

const decide: Reader = ([choice]) => {
  const { arms, otherwise } = choiceIn(choice)
  return {
    does: arms?.join(' or ') ?? '',
    given: properties(choice),
    ...(arms && { outcomes: [...new Set([...arms, ...(otherwise.length > 0 ? otherwise : ['none'])])] }),
  }
}

const set: Reader = ([traits]) => ({
  does: Object.keys(properties(traits)).join(', '),
  given: properties(traits),
})

const others: Reader = (given) => ({
  does: given.map((each) => (each ? givenText(each) : '')).join(', '),
  given: {},
})

const readers: Readonly<Record<string, Reader>> = {
  send, task, waitFor, sleep, sleepUntil, split, decide, revision, parallel, call, set, enroll: into, continueAs: into,
} // prettier-ignore

/** Labels written here, or imported. */
function labelsOf(expected: ts.Expression | undefined, imports: Imports): Record<string, string> {
  const written = properties(expected)
  if (!expected || Object.keys(written).length > 0) return written
  const known = imports.get(givenText(expected))
  const names = typeof known === 'object' && known !== null ? Object.keys(known) : []
  return Object.fromEntries(names.map((name) => [name, `${givenText(expected)}.${name}`]))
}

function isNoTime(duration: ts.Expression | undefined): boolean {
  const texts = duration && textsOf(duration)
  return texts?.some((text) => isDuration(text) && parseDuration(text).amount === 0) ?? false
}

/** A moment that stays the same may have passed, now and every time it is asked for. */
function momentsAtOnce({ trait, date, offset, ifPast }: Readonly<Record<string, string>>): string[] {
  const fixed = trait !== undefined || (date !== undefined && isFixed(date) && isFixed(offset ?? ''))
  if (!fixed) return []
  const past = ifPast === 'end' ? [] : [ifPast === 'skip' ? 'skipped' : 'past']
  return trait === undefined ? past : [...past, 'no-date']
}

/** A literal date or offset, or what enrolled the customer: the same whenever it is asked for. */
const isFixed = (text: string): boolean =>
  /^[+-]?\d[\w.:+ -]*$|^$/.test(text) || /^\w+\.trigger\.[\w.]+$/.test(text)
