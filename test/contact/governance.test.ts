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
  world = await World.open({ workflows: path.join(__dirname, 'workflows') })
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
  await enrolls('ruled-lifted')
  await world.untilTouchpoints('ruled-lifted', ['one sent', 'two held frequency-cap'])
  await put(limits())
  await world.untilOutcome('ruled-lifted', 'double', { is: 'completed', because: 'sent' })
  expect(await world.store.held.counts()).toEqual({})
})

test('a stopped journey sends nothing while others go; once the stop ends, nothing is lost', async () => {
  const id = await stop('journey', 'double')
  await enrolls('ruled-stopped')
  await enrolls('ruled-other', 'Help Requested')
  await world.untilTouchpoints('ruled-stopped', ['one held stopped'])
  await world.untilOutcome('ruled-other', 'single', { is: 'completed', because: 'sent' })
  expect((await world.touchpointRows('ruled-stopped'))[0]).toMatchObject({ expiresAt: null })
  await endStop(id)
  await world.untilOutcome('ruled-stopped', 'double', { is: 'completed', because: 'sent' })
  expect(world.inbox.list({ to: 'ruled-stopped@example.com' })).toHaveLength(2)
})

test('what is held when everything is stopped stays held, also when the limit that held it is lifted', async () => {
  await put(oneADay)
  await enrolls('ruled-twice')
  await world.untilTouchpoints('ruled-twice', ['one sent', 'two held frequency-cap'])
  const id = await stop('everything')
  await put(limits())
  await becomes('ruled-twice', 'one sent,two held stopped')
  await endStop(id)
  await world.untilOutcome('ruled-twice', 'double', { is: 'completed', because: 'sent' })
})

test('a paused enrollment keeps what it holds until it is resumed', async () => {
  await put(oneADay)
  await enrolls('ruled-pauses')
  await world.untilTouchpoints('ruled-pauses', ['one sent', 'two held frequency-cap'])
  await world.call('POST', '/v1/enrollments/double:ruled-pauses/pause', {})
  await put(limits())
  await enrolls('ruled-follows')
  await world.untilOutcome('ruled-follows', 'double', { is: 'completed', because: 'sent' })
  expect(await world.touchpoints('ruled-pauses')).toEqual(['one sent', 'two held frequency-cap'])
  await world.call('POST', '/v1/enrollments/double:ruled-pauses/resume', {})
  await world.untilOutcome('ruled-pauses', 'double', { is: 'completed', because: 'sent' })
})

test('the record of a workflow that is gone follows, and what it held is withdrawn', async () => {
  await put(oneADay)
  await enrolls('ruled-gone')
  await world.untilTouchpoints('ruled-gone', ['one sent', 'two held frequency-cap'])
  await world.client.workflow.getHandle('double:ruled-gone').terminate('by hand')
  await put(limits())
  await world.untilOutcome('ruled-gone', 'double', {
    is: 'failed',
    because: expect.stringContaining('terminated'),
  })
  expect(await world.touchpoints('ruled-gone')).toEqual(['one sent', 'two withheld withdrawn'])
})
