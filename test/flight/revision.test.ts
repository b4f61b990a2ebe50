import * as events from '../../catalog/events'
import { completed, email, type Nouns } from '../../sdk'
import { explorations, goalOr, PropertyViolated, rehearsals } from '../../sdk/testing'
import { defineJourney } from '../../workflows/enrollment'

const revised = defineJourney(
  { enrollOn: events.trialStarted, goal: { on: events.subscriptionStarted } },
  async (journey) => {
    for (let week = 0; week < 2; week++) {
      await journey.sleep('a-week', '7 days')
      if (journey.revision('call-first')) await journey.send('call', email('trial/first-step'))
    }
    journey.revised('greeting')
    if (!journey.revision('no-farewell')) await journey.send('farewell', email('trial/farewell'))
    return completed('over')
  },
)
const journeys = { revised }
const rehearse = rehearsals<Nouns>(journeys)

test('whoever comes to a revision goes the new way, each time', async () => {
  await rehearse(revised)
    .event(events.trialStarted)
    .at('+7 days')
    .expectSent('call')
    .at('+14 days')
    .expectSent('call')
    .expectOutcome({ is: 'completed', because: 'over' })
})

test('whoever had passed it goes the old way, each time', async () => {
  const rehearsed = await rehearse(revised, { revisions: { 'call-first': 'old', 'no-farewell': 'old' } })
    .event(events.trialStarted)
    .at('+14 days')
    .expectSent('farewell')
  expect(rehearsed.timeline).toContain('call-first, revision: old')
})

test('both ways are explored, and the one that is wrong is told as a story', async () => {
  const explore = explorations<Nouns>(journeys)
  const says = { begin: events.trialStarted, properties: [goalOr('farewell')] }
  const error = await explore(revised, says).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(PropertyViolated)
  expect((error as Error).message).not.toContain('revisions:')
  const calls = { fault: ({ touchpoints }: { touchpoints: readonly { step: string }[] }) => touchpoints.some(({ step }) => step === 'call') ? undefined : 'nobody called' } // prettier-ignore
  const missed = explore(revised, { ...says, properties: [{ name: 'calls', ...calls }] })
  await expect(missed).rejects.toThrow(/revisions: {"call-first":"old"}/)
})
