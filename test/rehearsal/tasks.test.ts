import { accountClosed, helpRequested, projectCreated, supportSearched } from '../../catalog/events'
import { completed, exited, type Nouns } from '../../sdk'
import { endsWithin, explorations, nothingAfterTheEnd, rehearsals } from '../../sdk/testing'
import { defineJourney } from '../../workflows/enrollment'

const saving = defineJourney(
  {
    enrollOn: helpRequested,
    goal: { on: projectCreated },
    exitOn: [accountClosed],
    category: 'transactional',
  },
  async (journey) => {
    const call = await journey.task('call', {
      queue: 'retention',
      script: 'care/call',
      outcomes: ['saved', 'callback'],
      within: '2 days',
      escalate: { after: '4 hours', queue: 'seniors' },
    })
    if (call.is === 'callback') {
      await journey.sleepUntil('then', { date: String(call.data.when) })
      const again = await journey.task('again', {
        queue: 'retention',
        script: 'care/call',
        outcomes: ['saved'],
        within: '1 day',
      })
      return completed(again.is)
    }
    return call.is === 'withheld' ? exited(call.because) : completed(call.is)
  },
)

const inStages = defineJourney(
  { enrollOn: helpRequested, category: 'transactional' },
  {
    calling: async (journey) => {
      const call = { queue: 'retention', script: 'care/call', outcomes: ['saved'], within: '9 days' } as const
      await Promise.race([
        journey.task('raced', call),
        journey.waitFor('helps-himself', { found: supportSearched }, '1 day'),
      ])
      return 'after'
    },
    after: async (journey) => journey.sleep('later', '1 day'),
  },
)

const journeys = { saving, inStages }
const rehearse = rehearsals<Nouns>(journeys)
const customer = { phone: '+4930123456' } as object
const asked = (setting: object = {}) => rehearse(saving, { customer, ...setting }).event(helpRequested)

test('the outcome an agent chose is the label, with what was given along', async () => {
  await asked()
    .expectSent('call')
    .expectTask('call')
    .taskDone('call', 'saved')
    .expectTask('call', 'done')
    .expectOutcome({ is: 'completed', because: 'saved' })
  const { timeline } = await asked()
    .taskDone('call', 'callback', { when: '2026-03-05T09:00:00Z' })
    .expectWaiting('then')
    .at('2026-03-05T10:00')
    .expectTask('again')
    .taskDone('again', 'saved')
    .expectOutcome({ is: 'completed', because: 'saved' })
  expect(timeline).toContain('callback, by agent')
})

test('nobody did it in time', async () => {
  await asked()
    .at('+47 hours')
    .expectTask('call')
    .at('+2 days')
    .expectTask('call', 'expired')
    .expectOutcome({ is: 'completed', because: 'expired' })
})

test('the goal and an exit close it by themselves', async () => {
  await asked().event(projectCreated, {}).expectTask('call', 'moot').expectOutcome({ is: 'converted' })
  await asked().event(accountClosed).expectTask('call', 'moot').expectOutcome({ is: 'exited' })
})

test('a stage that is left leaves no task behind, raced or not', async () => {
  await rehearse(inStages, { customer })
    .event(helpRequested)
    .expectTask('raced')
    .event(supportSearched, { results: 1 })
    .expectTask('raced', 'moot')
    .expectWaiting('later')
})

test('a call is a contact: without a number, a yes, or in the night there is none', async () => {
  await rehearse(saving)
    .event(helpRequested)
    .expectWithheld('call', 'no-address')
    .expectOutcome({ is: 'exited', because: 'no-address' })
  await asked({ suppressed: ['legal'] }).expectWithheld('call', 'suppressed')
  const marketing = defineJourney({ enrollOn: helpRequested }, async (journey) => {
    const call = await journey.task('call', {
      queue: 'sales',
      script: 'care/call',
      outcomes: ['sold'],
      within: '2 days',
    })
    return completed(call.is)
  })
  const rehearseIt = rehearsals<Nouns>({ marketing })
  const said = { channel: 'voice', purpose: 'marketing', state: 'granted', occurredAt: 0 } as const
  await rehearseIt(marketing, { customer }).event(helpRequested).expectWithheld('call', 'no-consent')
  await rehearseIt(marketing, { customer, at: '2026-03-02T22:00', consents: [said] })
    .event(helpRequested)
    .expectHeld('call', 'quiet-hours')
    .at('2026-03-03T09:00')
    .expectSent('call')
    .taskDone('call', 'sold')
    .expectOutcome({ is: 'completed', because: 'sold' })
})

test('a story that names a task or an outcome that there is not says so', async () => {
  await expect(asked().taskDone('calling', 'saved')).rejects.toThrow('no open task calling')
  await expect(asked().taskDone('call', 'sold')).rejects.toThrow('knows saved, callback')
})

test('all outcomes are explored, and the time that nobody does it', async () => {
  const explored = await explorations<Nouns>(journeys)(saving, {
    begin: helpRequested,
    customers: [customer],
    properties: [nothingAfterTheEnd, endsWithin('4 days')],
  })
  expect(explored.complete).toBe(true)
  expect(explored.reached).toEqual(expect.arrayContaining(['call sent', 'call withheld', 'again sent']))
  const wrong = {
    name: 'neverSaved',
    fault: ({ outcome }: any) => (outcome?.because === 'saved' ? 'saved' : undefined),
  }
  await expect(
    explorations<Nouns>(journeys)(saving, {
      begin: helpRequested,
      customers: [customer],
      properties: [wrong],
    }),
  ).rejects.toThrow(".taskDone('call', 'saved')")
})
