import { createLogger } from '../../logger'
import { schemas } from '../../catalog/schemas'
import { fates } from '../../workers/check'
import { upperBound } from '../../workers/check/bound'
import { recorded, type Recorded } from '../../workers/check/commands'
import { differencesOf } from '../../workers/check/difference'
import { placeOf } from '../../workers/check/judge'
import { samplesOf } from '../../workers/check/onward/samples'
import { sampled } from '../../workers/check/population'
import { replayed } from '../../workers/check/replaying'
import { installRuntime } from '../../workers/runtime'
import type { Manifest } from '../../sdk'
import { build, json, read } from '../replay/replaying'
import { changedBuild, changedManifest, from } from './changed'
import { type Case, cases, places } from './edits'

const today = json(build, 'manifest.json') as Manifest
const graph = today.journeys['trialOnboarding']!.graph!
const parked = new Map<string, Recorded>()

/** A customer who never does anything, as of each of the moments at which the enrollment stood still. */
beforeAll(() => {
  installRuntime(createLogger('silent'))
  const events = read('trialOnboarding-silent').events!
  for (const [index] of events.entries()) {
    const past = recorded({ events: events.slice(0, index + 1) })
    if (!past.inMotion && !past.isOver && past.open.size > 0) parked.set(placeOf(past), past)
  }
})

test('a history tells where an enrollment stood at each time', () => {
  expect([...parked.keys()]).toEqual([...places])
})

test.each(Object.entries<Case>(cases))('%s', async (_, { edits, safeAt }) => {
  const build = await changedBuild(edits)
  const deployed = new Map([['trialOnboarding', graph]])
  const fateOf = fates({ build, deployed, samples: samplesOf(schemas) })
  async function* all() {
    for (const [id, past] of parked) yield { id, past }
  }
  const safe: string[] = []
  for await (const one of replayed(build.workflowBundle, all()))
    if ((await fateOf('trialOnboarding', one)).is === 'safe') safe.push(one.id)
  expect(safe).toEqual([...safeAt])
})

test('a difference is told in words', () => {
  const told = (name: keyof typeof cases): string[] =>
    differencesOf(graph, changedManifest(cases[name].edits).journeys['trialOnboarding']!.graph!)
  expect(differencesOf(graph, graph)).toEqual([])
  expect(
    told('delays, messages and labels changed, a step added at the end, and one from an instant on'),
  ).toEqual([
    "step 'tips' (send) is added",
    "step 'extra' (send) is added",
    "step 'first-project' has another timeout: 5 days instead of 3 days",
    "step 'habit' has another timeout: 9 days instead of 7 days",
    "step 'habit' has a new label bought: subscriptionStarted",
    "step 'what-others-do' has another message: email('trial/first-step') instead of email('trial/what-others-do')",
    "step 'before-the-end' has another offset: +13 days instead of +12 days",
    "step 'decision' has another timeout: 20 days instead of 14 days",
    "the condition from 'habit' to 'before-the-end' is team, bought instead of team",
    "the condition from 'before-the-end' to 'ending-offer' is else instead of none",
  ])
  expect(told('a wait and a send renamed')).toEqual([
    "step 'show-first-step' is renamed 'first-hint'",
    "step 'habit' is renamed 'getting-used'",
  ])
  expect(told('a send removed')).toEqual(["step 'trial-ends' (send) is removed"])
})

test('another account of a journey is told at each step whose message it carries', () => {
  const by = (accounts: string) =>
    changedManifest([from("topic: 'tips',", `topic: 'tips', accounts: ${accounts},`), from("email('trial/farewell')", "via('b', email('trial/farewell'))"), from('email, ', 'email, via, ')]).journeys['trialOnboarding']! // prettier-ignore
  const [brandB, brandC] = [by("{ email: 'brand-b' }"), by("{ email: 'brand-c', sms: 'eu' }")]
  const told = differencesOf(brandB.graph!, brandC.graph!)
  expect(told).toContain("step 'welcome' has another account: brand-c instead of brand-b")
  expect(told.join()).not.toMatch(/farewell|ask-for-help/)
  expect(differencesOf(graph, brandB.graph!)).toContain("step 'welcome' has a new account: brand-b")
  expect(brandC.accounts).toEqual({ email: 'brand-c', sms: 'eu' })
})

test('the bound of a sample is exact', () => {
  expect(upperBound(0, 100)).toBeCloseTo(1 - 0.05 ** (1 / 100), 9)
  expect(upperBound(1, 20)).toBeCloseTo(0.21611, 4)
  expect(upperBound(5, 100)).toBeCloseTo(0.10225, 4)
  expect(upperBound(20, 20)).toBe(1)
})

test('a sample is of the size asked for, and anyone may be in it', () => {
  const seen = new Set<number>()
  for (let round = 0; round < 200; round++) for (const one of sampled([1, 2, 3, 4, 5], 2)) seen.add(one)
  expect(seen.size).toBe(5)
  expect(sampled([1, 2, 3], 5)).toEqual([1, 2, 3])
})
