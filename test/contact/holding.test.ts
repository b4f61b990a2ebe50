import path from 'node:path'
import { firstLimits, type Limits } from '../../sdk/contact'
import { until } from '../support/until'
import { World } from '../support/world'
import { changeLimits } from './limits'

// The engine and the rules together: what is held waits in the workflow, and is asked for again.

const oneADay: Limits = {
  ...firstLimits,
  caps: [{ name: 'one a day', channels: ['email'], most: 1, window: { rolling: '24 hours' } }],
  arbitration: { windowMs: 0 },
}

let world: World
beforeAll(async () => {
  world = await World.open({ workflows: path.join(__dirname, 'workflows') })
  await changeLimits(world.databaseUrl!, oneADay)
})
afterAll(async () => world?.close())

/** Enrolled, with the first mail sent and the second held. */
async function held(customer: string, plan = 'team'): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com` })
  await world.event(customer, 'Trial Started', { plan })
  await world.untilTouchpoints(customer, ['one sent', 'two held frequency-cap'])
}

const status = async (customer: string): Promise<any> =>
  (await world.call('GET', `/v1/enrollments/double:${customer}`)).body

test('a held touchpoint is shown as what the enrollment waits for, and goes out when its time has come', async () => {
  await held('waits')
  const { waits, status: running, timeline } = await status('waits')
  expect(running).toBe('running')
  expect(waits).toMatchObject([{ step: 'two', verb: 'send' }])
  expect(timeline.map(({ words }: { words: string }) => words)).toContain('held: frequency-cap')
  await world.forward('waits', '23 hours')
  expect(await world.touchpoints('waits')).toEqual(['one sent', 'two held frequency-cap'])
  await world.forward('waits', '2 hours')
  await world.untilOutcome('waits', 'double', { is: 'completed', because: 'sent' })
  const [one, two] = await world.touchpointRows('waits')
  expect(two!.at - one!.at).toBeGreaterThanOrEqual(86_400_000)
  expect(world.inbox.list({ to: 'waits@example.com' })).toHaveLength(2)
})

test('what is not worth waiting for any longer expires, with the verdict', async () => {
  await held('short', 'short')
  await world.forward('short', '13 hours')
  await world.untilOutcome('short', 'double', { is: 'completed', because: 'frequency-cap' })
  const two = (await world.touchpointRows('short')).find(({ step }) => step === 'two')
  expect(two).toMatchObject({ status: 'withheld', because: 'frequency-cap' })
  expect(two!.verdicts.at(-1)).toMatchObject({ rule: 'deadline', allows: false })
})

test('an exit withdraws what is held', async () => {
  await held('leaves')
  await world.event('leaves', 'Account Closed')
  await world.untilOutcome('leaves', 'double', { is: 'exited', because: 'Account Closed' })
  expect(await world.touchpoints('leaves')).toEqual(['one sent', 'two withheld withdrawn'])
})

test('an unsubscription reaches what is held', async () => {
  await held('says-no')
  await world.store.consents.record({
    customerId: 'says-no', channel: 'email', purpose: 'marketing', state: 'withdrawn', source: 'test', occurredAt: Date.now(),
  }) // prettier-ignore
  await world.forward('says-no', '25 hours')
  await world.untilOutcome('says-no', 'double', { is: 'completed', because: 'unsubscribed' })
})

test('a paused enrollment keeps what is held until it is resumed', async () => {
  await held('pauses')
  const operate = (action: string) => world.call('POST', `/v1/enrollments/double:pauses/${action}`, {})
  expect((await operate('pause')).status).toBe(200)
  await world.forward('pauses', '25 hours')
  expect(await world.touchpoints('pauses')).toEqual(['one sent', 'two held frequency-cap'])
  expect((await operate('resume')).status).toBe(200)
  await world.untilOutcome('pauses', 'double', { is: 'completed', because: 'sent' })
})

test('a worker that lost its memory goes on holding', async () => {
  await held('restarts')
  await world.restartWorker()
  await world.forward('restarts', '25 hours')
  await world.untilOutcome('restarts', 'double', { is: 'completed', because: 'sent' })
})

test('told that the rules changed, it asks again at once; rules that let a send go cost no history event', async () => {
  await held('lucky')
  const handle = world.client.workflow.getHandle('double:lucky')
  await handle.signal('contactRulesChanged')
  await until(
    async () =>
      (await status('lucky')).timeline.filter(({ words }: any) => words.startsWith('held')).length === 2,
  )
  await changeLimits(world.databaseUrl!, { ...oneADay, caps: [] })
  await handle.signal('contactRulesChanged')
  await world.untilOutcome('lucky', 'double', { is: 'completed', because: 'sent' })

  await changeLimits(world.databaseUrl!, { ...oneADay, caps: [{ ...oneADay.caps[0]!, most: 50 }] })
  await world.identify('cheap', { email: 'cheap@example.com' })
  await world.event('cheap', 'Trial Started', { plan: 'team' })
  await world.untilOutcome('cheap', 'double', { is: 'completed', because: 'sent' })
  // The start, one workflow task, a marker for each send and one for the end, and the completion.
  expect(await world.wholeHistory('double:cheap')).toHaveLength(1 + 3 + 2 + 1 + 1)
})
