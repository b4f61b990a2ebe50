import path from 'node:path'
import { firstLimits, type Limits } from '../../sdk/contact'
import { until } from '../support/until'
import { World } from '../support/world'

// Limits and stops over the API, on the real engine: clocks are not moved here.

const limits = (more: Partial<Limits> = {}): Limits => ({
  ...firstLimits,
  spreadOver: '1 second',
  arbitration: { windowMs: 0 },
  ...more,
})
const oneADay = limits({ caps: [{ name: 'one a day', most: 1, window: { rolling: '24 hours' } }] })

let world: World
beforeAll(async () => {
  world = await World.open({ database: 'postgres', workflows: path.join(__dirname, 'workflows') })
})
afterAll(async () => world?.close())

async function put(wanted: Limits): Promise<void> {
  const { status, body } = await world.call('PUT', '/v1/limits', { limits: wanted, reason: 'a test' })
  expect([status, body.state]).toEqual([200, 'active'])
}

async function stop(scope: string, name?: string): Promise<number> {
  const { status, body } = await world.call('POST', '/v1/stops', { scope, name, reason: 'a test' })
  expect(status).toBe(201)
  return body.id
}

async function endStop(id: number): Promise<void> {
  const { status } = await world.call('POST', `/v1/stops/${id}/end`, { reason: 'over' })
  expect(status).toBe(200)
}

async function enrolls(customer: string, event = 'Trial Started'): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com` })
  await world.event(customer, event, event === 'Trial Started' ? { plan: 'team' } : {})
}

const becomes = (customer: string, expected: string): Promise<void> =>
  until(
    async () => (await world.touchpoints(customer)).join() === expected,
    () => world.touchpoints(customer),
  )

test('what a cap holds goes out soon after the limit is lifted', async () => {
  await put(oneADay)
  await enrolls('lifted')
  await world.untilTouchpoints('lifted', ['one sent', 'two held frequency-cap'])
  await put(limits())
  await world.untilOutcome('lifted', 'double', { is: 'completed', because: 'sent' })
  expect(await world.store.held.counts()).toEqual({})
})

test('a stopped journey sends nothing while others go; once the stop ends, nothing is lost', async () => {
  const id = await stop('journey', 'double')
  await enrolls('stopped')
  await enrolls('other', 'Help Requested')
  await world.untilTouchpoints('stopped', ['one held stopped'])
  await world.untilOutcome('other', 'single', { is: 'completed', because: 'sent' })
  expect((await world.touchpointRows('stopped'))[0]).toMatchObject({ expiresAt: null })
  await endStop(id)
  await world.untilOutcome('stopped', 'double', { is: 'completed', because: 'sent' })
  expect(world.inbox.list({ to: 'stopped@example.com' })).toHaveLength(2)
})

test('what is held when everything is stopped stays held, also when the limit that held it is lifted', async () => {
  await put(oneADay)
  await enrolls('twice')
  await world.untilTouchpoints('twice', ['one sent', 'two held frequency-cap'])
  const id = await stop('everything')
  await put(limits())
  await becomes('twice', 'one sent,two held stopped')
  await endStop(id)
  await world.untilOutcome('twice', 'double', { is: 'completed', because: 'sent' })
})

test('a paused enrollment keeps what it holds until it is resumed', async () => {
  await put(oneADay)
  await enrolls('pauses')
  await world.untilTouchpoints('pauses', ['one sent', 'two held frequency-cap'])
  await world.call('POST', '/v1/enrollments/double:pauses/pause', {})
  await put(limits())
  await enrolls('follows')
  await world.untilOutcome('follows', 'double', { is: 'completed', because: 'sent' })
  expect(await world.touchpoints('pauses')).toEqual(['one sent', 'two held frequency-cap'])
  await world.call('POST', '/v1/enrollments/double:pauses/resume', {})
  await world.untilOutcome('pauses', 'double', { is: 'completed', because: 'sent' })
})

test('the record of a workflow that is gone follows, and what it held is withdrawn', async () => {
  await put(oneADay)
  await enrolls('gone')
  await world.untilTouchpoints('gone', ['one sent', 'two held frequency-cap'])
  await world.client.workflow.getHandle('double:gone').terminate('by hand')
  await put(limits())
  await world.untilOutcome('gone', 'double', { is: 'failed', because: expect.stringContaining('terminated') })
  expect(await world.touchpoints('gone')).toEqual(['one sent', 'two withheld withdrawn'])
})
