import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open({ database: 'embedded' })))
afterAll(async () => world?.close())

async function trial(customer: string): Promise<void> {
  await world.identify(customer, {
    email: `${customer}@example.com`,
    firstName: 'Ada',
    timezone: 'Europe/Berlin',
  })
  await world.event(customer, 'Trial Started', { plan: 'team' })
  await world.untilTouchpoints(customer, ['welcome sent'])
}

test('somebody who does nothing is shown the first step, reminded, and left in peace', async () => {
  await trial('quiet')
  await world.forward('quiet', '60 days')
  expect(await world.touchpoints('quiet')).toEqual([
    'welcome sent',
    'show-first-step sent',
    'what-others-do sent',
    'trial-ends sent',
    'farewell sent',
  ])
  await world.untilOutcome('quiet', 'trialOnboarding', {
    is: 'completed',
    because: 'the trial ended without a subscription',
  })
})

test('the goal ends it at once, in the middle of a wait', async () => {
  await trial('keen')
  await world.event('keen', 'Project Created', { name: 'first' })
  await world.forward('keen', '1 day')
  await world.event('keen', 'Subscription Started', { plan: 'team' })
  await world.untilOutcome('keen', 'trialOnboarding', { is: 'converted', event: 'Subscription Started' })
  expect(await world.touchpoints('keen')).toEqual(['welcome sent'])
})

test('somebody stuck gets a person, and a closed account ends it', async () => {
  await trial('stuck')
  await world.event('stuck', 'Support Searched', { query: 'how', results: 3 })
  await world.event('stuck', 'Support Searched', { query: 'how to', results: 0 })
  await world.untilTouchpoints('stuck', ['welcome sent', 'ask-for-help sent'])
  expect(JSON.parse(world.webhooks.received.at(-1)!.body)).toMatchObject({
    topic: 'trial.needs-help',
    customer: { id: 'stuck' },
  })
  await world.event('stuck', 'Account Closed')
  await world.untilOutcome('stuck', 'trialOnboarding', { is: 'exited', because: 'Account Closed' })
})

test('a worker that restarts in the middle goes on where it was', async () => {
  await trial('patient')
  await world.restartWorker()
  await world.event('patient', 'Project Created', {})
  await world.forward('patient', '1 day')
  await world.restartWorker()
  await world.event('patient', 'Feature Used', { feature: 'list' })
  await world.untilTouchpoints('patient', ['welcome sent', 'invite-your-team sent'])
  const mails = world.inbox.list({ to: 'patient@example.com' })
  expect(mails.map((mail) => mail.subject).sort()).toEqual([
    'Acorn is better with one colleague',
    'Welcome to Acorn, Ada',
  ])
})
