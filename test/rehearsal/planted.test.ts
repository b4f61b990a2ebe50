import path from 'node:path'
import ts from 'typescript'
import * as events from '../../catalog/events'
import type { Nouns } from '../../sdk'
import {
  atMost,
  coverageInWords,
  coverageOf,
  explorations,
  journeyMatchers,
  PropertyViolated,
  rehearsals,
  type Exploring,
  type Property,
  type Rehearsable,
} from '../../sdk/testing'
import { outlineJourneys } from '../../workers/outline'
import * as planted from './workflows'

expect.extend(journeyMatchers)

const explore = explorations<Nouns>(planted)
const rehearse = rehearsals<Nouns>(planted)
const { journeys: outlines } = outlineJourneys(path.join(__dirname, 'workflows'))
const samples = { 'Feature Used': { feature: 'export' }, 'Support Searched': { results: 0 } }

interface Planted {
  readonly journey: Rehearsable
  readonly property: Property
  readonly begin?: Exploring<Nouns>['begin']
  readonly customers?: Exploring<Nouns>['customers']
  /** Ways that the source leaves open, and nobody can go. */
  readonly because?: Readonly<Record<string, string>>
  /** What the shortest story has to say. */
  readonly told: readonly string[]
}

const { counting, early, nested, racing, sideBySide, staged, unlucky } = planted
const used = '.event(featureUsed, {"feature":"export"})'

const faults: Record<string, Planted> = {
  nested: {
    journey: nested,
    property: atMost(3, '7 days'),
    told: ['.event(trialStarted, {})', '.event(helpRequested, {})', '.event(teammateInvited, {})'],
  },
  counting: { journey: counting, property: atMost(2, '3 days'), told: ['.event(trialStarted, {})', used, used, used] },
  early: {
    journey: early,
    property: atMost(2, '7 days'),
    told: ['.event(trialStarted, {})', '.event(projectCreated, {})', '.event(teammateInvited, {})', used],
  },
  unlucky: {
    journey: unlucky,
    property: atMost(2, '1 day'),
    because: { 'start → sorry': 'there is a first week', 'start → end completed: five weeks': 'there is a first week' },
    told: ['.event(trialStarted, {})'],
  },
  racing: {
    journey: racing,
    begin: events.cancellationConsidered,
    because: {
      'help (asks) → end completed: did not ask': 'the source does not ask who won',
      'patience → offer': 'the source does not ask who won',
    },
    customers: [{}, { lifecycle: 'customer' }, { lifecycle: 'at-risk' }],
    property: atMost(2, '7 days'),
    told: ['.event(cancellationConsidered, {})', '.event(helpRequested, {})'],
  },
  sideBySide: {
    journey: sideBySide,
    property: atMost(2, '7 days'),
    told: ['.event(trialStarted, {})', '.event(projectCreated, {})', '.event(paymentFailed, {})'],
  },
  staged: {
    journey: staged,
    property: atMost(3, '7 days'),
    told: ['.event(trialStarted, {})', used, used, used, used],
  },
} // prettier-ignore

const found = (name: string): Promise<PropertyViolated> => {
  const { journey, property, begin = events.trialStarted, customers } = faults[name]!
  return explore(journey, { begin, samples, customers, properties: [property] }).then(
    () => Promise.reject(new Error('nothing was found')),
    (error: PropertyViolated) => error,
  )
}

describe('too much is sent after three branches', () => {
  test.each(Object.keys(faults))('%s: it is found, and its story is short and shows it', async (name) => {
    const { property, told } = faults[name]!
    const { message } = await found(name)
    expect(message).toContain(`${property.name}: more than`)
    const [story] = /test\([\s\S]*/.exec(message)!
    const acts = story.split('\n').map((line) => line.trim()).filter((line) => line.startsWith('.event')) // prettier-ignore
    expect(acts.sort()).toEqual([...told].sort())
    await expect(pasted(story)).rejects.toThrow('toBeUndefined')
  })
})

describe('coverage', () => {
  test.each(Object.keys(faults))('%s: every way of the graph is walked', async (name) => {
    const { journey, begin = events.trialStarted, customers, because } = faults[name]!
    const explored = await explore(journey, { begin, samples, customers, properties: [], paths: 300 })
    expect(coverageOf(outlines[name]!, explored)).toReachEveryWay(because)
  })

  test('what no story came to is named, with the reason on record', async () => {
    const silent = await rehearse(staged).event(events.trialStarted).untilEnd()
    const coverage = coverageOf(outlines['staged']!, silent)
    expect(coverage.missedSteps).toEqual(['go-on', 'second', 'help', 'help-again'])
    const [lastWay] = coverage.missed.slice(-1)
    expect(coverageInWords(coverage, { [lastWay!]: 'nobody knows' })).toBe(
      [
        'staged: 3 of 15 ways',
        '  not: first (used) → stage middle',
        '  not: stage middle → go-on',
        '  not: go-on → second',
        '  not: second (used) → stage middle',
        '  not: second (asks) → stage close',
        '  not: second (timeout) → end completed: enough',
        '  not: stage close → help',
        '  not: help (unknown) → help-again',
        '  not: help (sent) → end completed: last.is',
        '  not: help (withheld) → end completed: last.is',
        '  not: help (failed) → end completed: last.is',
        `  not: ${lastWay}, since nobody knows`,
      ].join('\n'),
    )
  })

  test('a way that is missed without a reason fails, and so does a reason that is none', async () => {
    const heard = await rehearse(staged)
      .event(events.trialStarted)
      .event(events.featureUsed, { feature: 'x' })
    const coverage = coverageOf(outlines['staged']!, heard)
    const because = Object.fromEntries(coverage.missed.map((way) => [way, 'for this test']))
    expect(coverage).toReachEveryWay(because)
    const [way, ...others] = Object.keys(because)
    const without = Object.fromEntries(others.map((each) => [each, 'for this test']))
    expect(() => expect(coverage).toReachEveryWay(without)).toThrow(`nobody went ${way}`)
    const idle = { ...because, 'first (used) → stage middle': 'nobody uses it' }
    expect(() => expect(coverage).toReachEveryWay(idle)).toThrow('no reason is needed for first (used)')
  })
})

/** What the pasted test does, as a function. */
function pasted(story: string): Promise<void> {
  const { outputText } = ts.transpileModule(story, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
  let body: (() => Promise<void>) | undefined
  const names = { ...events, ...planted, atMost, expect, rehearse }
  new Function('test', ...Object.keys(names), outputText)(
    (_: string, run: () => Promise<void>) => void (body = run),
    ...Object.values(names),
  )
  return body!()
}
