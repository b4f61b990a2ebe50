import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import path from 'node:path'
import type { TouchpointRow } from '../../store'
import { openStage } from '../activities/stage'
import { scriptedSmtp, type ScriptedSmtp } from '../channels/scripted-smtp'
import { until } from '../support/until'
import { World } from '../support/world'
import { freshStore } from '../support/postgres'

// On lines still open from another test too.
const busy = { greeting: '421 too busy, come back later', mail: '421 too busy, come back later' }
const HALF_A_DAY = 43_200_000

let smtp: ScriptedSmtp
let world: World
beforeAll(async () => {
  smtp = await scriptedSmtp()
  world = await World.open({ smtpUrl: smtp.url, workflows: path.join(__dirname, 'fallback-workflows') })
})
beforeEach(() => {
  smtp.script = {}
})
afterAll(async () => {
  await world?.close()
  await smtp?.close()
})

const one = async (id: string): Promise<any> => (await world.call('GET', `/v1/enrollments/${id}`)).body

const bodiesTo = (customer: string): string[] =>
  smtp.bodies.filter((body) => body.includes(`${customer}@example.com`))

async function touchpoint(customer: string, step: string): Promise<TouchpointRow | undefined> {
  return (await world.touchpointRows(customer)).find((row) => row.step === step)
}

const untilRetrying = (customer: string, step: string): Promise<void> =>
  until(
    async () => (await touchpoint(customer, step))?.status === 'retrying',
    () => world.touchpoints(customer),
  )

async function enter(customer: string): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com` })
  await world.event(customer, 'Trial Started')
}

async function detailsOf(id: string): Promise<string> {
  const metadata = await world.client.workflow.getHandle(id).query('__temporal_workflow_metadata')
  return (metadata as { currentDetails: string }).currentDetails
}

/** What its history holds of sends: markers of local activities, and activities. */
async function sendsOf(id: string): Promise<{ markers: number; activities: number; events: number }> {
  const { events } = await world.client.workflow.getHandle(id).fetchHistory()
  return {
    markers: events!.filter((event) => event.markerRecordedEventAttributes).length,
    activities: events!.filter((event) => event.activityTaskScheduledEventAttributes).length,
    events: events!.length,
  }
}

test('while the mail server is away the send is retried at no cost in history, then it arrives once', async () => {
  const id = 'oneMail:patient'
  smtp.script = busy
  await enter('patient')
  await untilRetrying('patient', 'hello')
  expect((await touchpoint('patient', 'hello'))!.because).toContain('421')
  await until(async () => (await sendsOf(id)).activities === 1)
  const before = await sendsOf(id)
  expect(before).toMatchObject({ markers: 1, activities: 1 })
  expect(await one(id)).toMatchObject({ status: 'running', step: 'hello', waits: [], outcome: null })
  expect(await detailsOf(id)).toContain('Sending hello, again and again')
  const attempts = async (): Promise<number> => (await touchpoint('patient', 'hello'))!.attempts
  await until(async () => (await attempts()) >= 3)
  await untilRetrying('patient', 'hello')
  expect(await sendsOf(id)).toEqual(before)
  smtp.script = {}
  await world.untilOutcome('patient', 'oneMail', { is: 'completed', because: 'sent' })
  expect(await world.touchpoints('patient')).toEqual(['hello sent'])
  expect(bodiesTo('patient')).toHaveLength(1)
})

test('a refused recipient ends as failed with the server’s reason, asked once', async () => {
  smtp.script = { rcpt: '550 5.1.1 no such mailbox' }
  await enter('nobody')
  await world.untilOutcome('nobody', 'oneMail', { is: 'completed', because: 'failed' })
  const row = (await touchpoint('nobody', 'hello'))!
  expect(row).toMatchObject({ status: 'failed', attempts: 1 })
  expect(row.because).toContain('550 5.1.1 no such mailbox')
  const scheduled = (await world.wholeHistory('oneMail:nobody')).filter(
    (event) => event.activityTaskScheduledEventAttributes,
  )
  expect(scheduled).toEqual([])
  expect(
    smtp.commands.filter((command) => command.startsWith('RCPT') && command.includes('nobody@')),
  ).toHaveLength(1)
})

test('the goal ends it at once while the mail server is away, and the message is never sent', async () => {
  smtp.script = busy
  await enter('quick')
  await untilRetrying('quick', 'hello')
  await until(async () => (await sendsOf('oneMail:quick')).activities === 1)
  await world.event('quick', 'Subscription Started', { plan: 'team' })
  await world.untilOutcome('quick', 'oneMail', { is: 'converted', event: 'Subscription Started' })
  expect(await world.touchpoints('quick')).toEqual(['hello withheld withdrawn'])
  smtp.script = {}
  // Another customer's send shows that the mail server is used again; the withdrawn one was due before.
  await enter('later')
  await world.untilTouchpoints('later', ['hello sent'])
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  expect(bodiesTo('quick')).toEqual([])
  expect(await world.touchpoints('quick')).toEqual(['hello withheld withdrawn'])
})

test('a receiver that asks to wait is not asked again before', async () => {
  const asked: number[] = []
  const ids = new Set<unknown>()
  answerWebhooks((request, response) => {
    asked.push(Date.now())
    ids.add(request.headers['webhook-id'])
    if (asked.length > 2) return void response.writeHead(204).end()
    response.writeHead(429, { 'retry-after': '2' }).end()
  })
  await world.identify('hook', {})
  await world.event('hook', 'Help Requested')
  await world.untilOutcome('hook', 'oneHook', { is: 'completed' })
  expect(await world.touchpoints('hook')).toEqual(['tell sent'])
  expect(asked).toHaveLength(3)
  expect(ids.size).toBe(1)
  const pauses = asked.slice(1).map((at, index) => at - asked[index]!)
  for (const ms of pauses) expect(ms).toBeGreaterThanOrEqual(1_990)
})

test('an operator can pause and end it while the mail server is away', async () => {
  smtp.script = busy
  await enter('held')
  await untilRetrying('held', 'hello')
  expect((await world.call('POST', '/v1/enrollments/oneMail:held/pause', {})).body.status).toBe('paused')
  expect((await world.call('POST', '/v1/enrollments/oneMail:held/exit', {})).status).toBe(200)
  await world.untilOutcome('held', 'oneMail', expect.objectContaining({ is: 'exited' }))
  expect(await world.touchpoints('held')).toEqual(['hello withheld withdrawn'])
})

test('a provider away for more than three days is given up, and said so', async () => {
  const store = await freshStore()
  const stage = await openStage(store)
  const clock = jest.spyOn(Date, 'now')
  try {
    stage.email.answer = async () => ({ is: 'busy', because: 'away' })
    const patiently = (): Promise<unknown> => stage.activities.deliver(stage.touchpoint(), 'patient')
    await expect(patiently()).rejects.toMatchObject({ type: 'provider-busy' })
    const [first] = await store.touchpoints.ofEnrollment(stage.enrollment, 1)
    clock.mockReturnValue(first!.recordedAt + 5 * HALF_A_DAY)
    await expect(patiently()).rejects.toMatchObject({ type: 'provider-busy' })
    clock.mockReturnValue(first!.recordedAt + 6 * HALF_A_DAY + 1)
    const because = 'the provider could not be reached for 3 days'
    expect(await patiently()).toMatchObject({ is: 'failed', because })
    stage.email.answer = async () => ({ is: 'accepted', providerMessageId: 'too late' })
    expect(await patiently()).toMatchObject({ is: 'failed', because })
    expect(stage.email.sent).toHaveLength(3)
    expect(stage.news).toMatchObject([{ kind: 'touchpoint', row: { status: 'failed', because } }])
  } finally {
    clock.mockRestore()
    stage.close()
    await store.close()
  }
})

/** Lets the world's webhook receiver answer in another way from now on. */
function answerWebhooks(answer: (request: IncomingMessage, response: ServerResponse) => void): void {
  const server = Reflect.get(world.webhooks, 'server') as Server
  server.removeAllListeners('request')
  server.on('request', answer)
}
