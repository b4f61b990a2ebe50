import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { enrollmentId } from '../../sdk'
import { pauseUpdate, statusQuery } from '../../workflows/enrollment/protocol'
import { until } from '../support/until'
import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open({ workflows: path.join(__dirname, 'workflows') })))
afterAll(async () => world?.close())

const enroll = (journey: string, customer: string): Promise<{ status: number; body: any }> =>
  world.call('POST', `/v1/journeys/${journey}/enrollments`, { customerId: customer })

const operate = (id: string, action: string, body: object = {}): Promise<{ status: number; body: any }> =>
  world.call('POST', `/v1/enrollments/${id}/${action}`, body)

const one = async (id: string): Promise<any> => (await world.call('GET', `/v1/enrollments/${id}`)).body

const atStep = (id: string, step: string): Promise<void> =>
  until(
    async () => (await one(id)).waits?.some((wait: { step: string }) => wait.step === step),
    () => one(id),
  )

test('the reference journey takes at most 18 history events, also when the event comes late', async () => {
  await world.identify('cheap', { email: 'cheap@example.com' })
  await world.event('cheap', 'Trial Started')
  await atStep('reference:cheap', 'project')
  await world.event('cheap', 'Project Created')
  await world.untilOutcome('cheap', 'reference', { is: 'completed' })
  expect((await world.wholeHistory('reference:cheap')).length).toBeLessThanOrEqual(18)
})

test('a wait takes what came since the wait before, from now on, or ever, as asked', async () => {
  await world.event('ear', 'Account Closed')
  await world.event('ear', 'Teammate Invited')
  await world.event('ear', 'Feature Used', { feature: 'early' })
  await world.event('ear', 'Project Created')
  await atStep('listener:ear', 'gap')
  await world.event('ear', 'Feature Used', { feature: 'in the gap' })
  await world.forward('ear', '2 hours')
  await atStep('listener:ear', 'fresh')
  await world.forward('ear', '3 days')
  await world.untilOutcome('ear', 'listener', { is: 'completed', because: 'made used timeout invited' })
})

test('a repeated event counts once, even straight at the workflow', async () => {
  await enroll('stageLooper', 'twice')
  const handle = world.client.workflow.getHandle('stageLooper:twice')
  const event = {
    messageId: 'same',
    name: 'Feature Used',
    properties: {},
    timestamp: new Date().toISOString(),
  }
  await handle.signal('event', event)
  await atStep('stageLooper:twice', 'used')
  await handle.signal('event', event)
  await handle.signal('event', { ...event, messageId: 'other' })
  await until(
    async () =>
      (await one('stageLooper:twice')).timeline.filter((entry: any) => entry.what === 'heard').length >= 2,
  )
  expect(
    (await one('stageLooper:twice')).timeline.filter((entry: any) => entry.what === 'heard'),
  ).toHaveLength(2)
})

test('branches listen on their own, and the body goes on after the later one', async () => {
  await enroll('brancher', 'both')
  await world.event('both', 'Project Created')
  await world.event('both', 'Feature Used', { feature: 'x' })
  await world.forward('both', '4 days')
  await world.untilOutcome('both', 'brancher', { is: 'completed', because: 'made made timeout only' })
})

test('each stage is a run of its own, and nothing that came meanwhile is lost', async () => {
  await enroll('stageLooper', 'round')
  const handle = world.client.workflow.getHandle('stageLooper:round')
  for (let round = 0; round < 6; round++) {
    const messageId = `round-${round}`
    await handle.signal('event', {
      messageId,
      name: 'Feature Used',
      properties: {},
      timestamp: new Date().toISOString(),
    })
  }
  const heard = async (): Promise<unknown[]> =>
    (await one('stageLooper:round')).timeline.filter((entry: any) => entry.what === 'heard')
  await until(async () => (await heard()).length === 6)
  expect(Number((await handle.describe()).historyLength)).toBeLessThan(20)
  await world.identify('round', { email: 'round@example.com' })
  await world.event('round', 'Help Requested')
  await world.untilTouchpoints('round', ['bye sent'])
})

test('sleeps until local times, in the journey’s zone and then in the customer’s', async () => {
  await enroll('planner', 'plan')
  await atStep('planner:plan', 'monday')
  const inKathmandu = (await one('planner:plan')).waits[0].until
  expect(inKathmandu.endsWith('T03:45:00.000Z')).toBe(true)
  await world.identify('plan', { timezone: 'America/Sao_Paulo', renewsAt: '2027-09-01' })
  await until(async () => (await one('planner:plan')).waits[0].until !== inKathmandu)
  expect((await one('planner:plan')).waits[0].until.endsWith('T12:30:00.000Z')).toBe(true)
  await world.forward('plan', '8 days')
  await atStep('planner:plan', 'renewal')
  expect((await one('planner:plan')).waits[0].until).toBe('2027-08-25T13:00:00.000Z')
  await world.identify('plan', { renewsAt: '2027-03-01' })
  await until(async () => (await one('planner:plan')).waits[0].until === '2027-02-22T13:00:00.000Z')
  await world.forward('plan', '120 days')
  const { because } = (await world.outcomes('plan')).planner as { because: string }
  expect(because).toMatch(/^\S+T12:30:\S+ reached 2027-02-22T13:00:\S+ skipped no-date$/)
})

describe('operators', () => {
  test('pause holds everything, resume lets it go on; nothing that came meanwhile is lost', async () => {
    await world.identify('held', { email: 'held@example.com' })
    await enroll('stageLooper', 'held')
    const paused = await operate('stageLooper:held', 'pause', { reason: 'complaint' })
    expect([paused.status, paused.body.status]).toEqual([200, 'paused'])
    await world.event('held', 'Help Requested')
    await world.forward('held', '2 days')
    expect(await world.touchpoints('held')).toEqual([])
    expect(
      (await world.call('GET', '/v1/enrollments?customerId=held&status=paused')).body.items,
    ).toHaveLength(1)
    await operate('stageLooper:held', 'resume')
    await world.untilTouchpoints('held', ['bye sent'])
    const words = (await one('stageLooper:held')).timeline.map((entry: any) => entry.words)
    expect(words).toEqual(expect.arrayContaining(['paused by test: complaint', 'resumed by test']))
  })

  test('skip, extend, move and exit do what they say, and refuse what they cannot', async () => {
    const id = 'stageLooper:moved'
    await world.identify('moved', { email: 'moved@example.com' })
    await enroll('stageLooper', 'moved')
    await atStep(id, 'used')
    const before = (await one(id)).waits[0].until
    const extended = await operate(id, 'extend', { duration: '2 days' })
    expect(Date.parse(extended.body.waits[0].until) - Date.parse(before)).toBe(2 * 86_400_000)
    expect((await operate(id, 'move', { stage: 'nowhere' })).status).toBe(409)
    expect((await operate(id, 'skip', { step: 'elsewhere' })).body.code).toBe('not-acceptable-now')
    expect((await operate(id, 'resume')).status).toBe(409)
    expect((await operate(id, 'move', { stage: 'farewell' })).status).toBe(200)
    await world.untilTouchpoints('moved', ['bye sent'])
    await atStep(id, 'rest')
    expect((await operate(id, 'skip')).status).toBe(200)
    await world.untilOutcome('moved', 'stageLooper', { is: 'completed', because: 'farewell' })
    expect((await operate(id, 'exit')).body.code).toBe('ended')
  })

  test('a command with the same id is carried out once, also after the run changed', async () => {
    const id = 'stageLooper:again'
    await enroll('stageLooper', 'again')
    await atStep(id, 'used')
    const handle = world.client.workflow.getHandle(id)
    const pause = (): Promise<unknown> =>
      handle.executeUpdate(pauseUpdate, { args: [{ by: 'ops' }], updateId: 'one' })
    await pause()
    await pause()
    await operate(id, 'resume')
    await world.event('again', 'Feature Used', { feature: 'x' })
    await until(async () => (await one(id)).timeline.some((entry: any) => entry.what === 'stage'))
    await pause()
    expect((await handle.query(statusQuery)).status).toBe('running')
  })

  test('exit ends it in the middle of a wait, with the author on record', async () => {
    await enroll('stageLooper', 'out')
    expect((await operate('stageLooper:out', 'exit', { reason: 'asked to' })).status).toBe(200)
    await world.untilOutcome('out', 'stageLooper', { is: 'exited', because: 'asked to' })
    const { items } = (await world.call('GET', '/v1/customers/out/timeline')).body
    expect(JSON.stringify(items)).toContain('"by":"test"')
  })
})

describe('entry', () => {
  test('two identical requests at once make one enrollment', async () => {
    const answers = await Promise.all([
      enroll('stageLooper', 'same'),
      enroll('stageLooper', 'same'),
      enroll('stageLooper', 'same'),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    expect((await world.store.enrollments.list({ customerId: 'same' }, { limit: 10 })).items).toHaveLength(1)
  })

  test('once is once; a cool-down counts in the customer’s time from the end', async () => {
    await enroll('stageLooper', 'once')
    await operate('stageLooper:once', 'exit')
    await world.untilOutcome('once', 'stageLooper', expect.objectContaining({ is: 'exited' }))
    expect((await enroll('stageLooper', 'once')).body).toMatchObject({ status: 409, code: 'refused' })

    await world.event('cool', 'Account Closed')
    await operate('listener:cool', 'exit')
    await world.untilOutcome('cool', 'listener', expect.objectContaining({ is: 'exited' }))
    await world.event('cool', 'Account Closed')
    await world.forward('cool', '3 days')
    await world.event('cool', 'Account Closed')
    const { items } = await world.store.enrollments.list({ customerId: 'cool' }, { limit: 10 })
    expect(items.map(({ entry, status }) => [entry, status])).toEqual([
      [2, 'running'],
      [1, 'ended'],
    ])
  })

  test('half are held out, always the same, and their conversion is counted', async () => {
    const customers = Array.from({ length: 24 }, (_, index) => `h-${index}`)
    await Promise.all(
      customers.map((customer) => world.identify(customer, { email: `${customer}@example.com` })),
    )
    await Promise.all(customers.map((customer) => world.event(customer, 'Project Created')))
    await until(async () => {
      const statuses = await Promise.all(customers.map((customer) => one(enrollmentId('heldBack', customer))))
      return statuses.every((status) => status.waits?.length === 1)
    })
    const statuses = await Promise.all(customers.map((customer) => one(enrollmentId('heldBack', customer))))
    const heldOut = statuses.filter((status) => status.heldOut).map((status) => status.customerId)
    expect(heldOut.length).toBeGreaterThan(3)
    expect(heldOut.length).toBeLessThan(21)
    for (const customer of customers) {
      expect(await world.touchpoints(customer)).toEqual(heldOut.includes(customer) ? [] : ['hello sent'])
    }
    await world.event(heldOut[0]!, 'Trial Started')
    await world.untilOutcome(heldOut[0]!, 'heldBack', { is: 'held out', converted: true })
    await world.forward(heldOut[1]!, '11 days')
    await world.untilOutcome(heldOut[1]!, 'heldBack', { is: 'held out', converted: false })
  })
})

test('workflow ids, search attributes and summaries hold nothing personal where a key is set', async () => {
  const hashed = await World.open({ customerIdKey: 'k'.repeat(32) })
  try {
    const customer = 'zoltan@example.com'
    await hashed.event(customer, 'Trial Started', {}, randomUUID())
    const [row] = (await hashed.store.enrollments.list({ customerId: customer }, { limit: 1 })).items
    expect(row!.id).toMatch(/^trialOnboarding:[\w-]{22}$/)
    const { searchAttributes, raw } = await hashed.client.workflow.getHandle(row!.id).describe()
    expect(JSON.stringify(searchAttributes)).not.toContain('zoltan')
    expect(JSON.stringify(raw.workflowExecutionInfo)).not.toContain('zoltan')
  } finally {
    await hashed.close()
  }
})

/** Sends an enrollment on from its first step, and takes it away once that has failed. Gives the failure. */
async function failureAfterFirst(id: string) {
  await atStep(id, 'first')
  const handle = world.client.workflow.getHandle(id)
  const skipped = operate(id, 'skip', { by: 'Mia' }).catch(() => undefined)
  const failures = async () =>
    ((await handle.fetchHistory()).events ?? []).flatMap(
      (event) => event.workflowTaskFailedEventAttributes ?? [],
    )
  await until(async () => (await failures()).length > 0)
  const [failed] = await failures()
  await handle.terminate()
  await skipped
  return failed!.failure
}

test('an error of the journey tells where it happened; promises leave no traces', async () => {
  await enroll('stumbler', 'tripper')
  await atStep('stumbler:tripper', 'first')
  const asked = world.client.workflow.getHandle('stumbler:tripper').query('__stack_trace')
  await expect(asked).rejects.toThrow('stack traces are not enabled')
  expect(await failureAfterFirst('stumbler:tripper')).toMatchObject({
    message: "Cannot read properties of undefined (reading 'name')",
    stackTrace: expect.stringMatching(/stumbler\.ts:7/),
  })
})

test('a journey that goes round and round is stopped, and the others in its worker go on', async () => {
  await enroll('circler', 'dizzy')
  await enroll('stumbler', 'steady')
  expect(await failureAfterFirst('circler:dizzy')).toMatchObject({
    message: expect.stringContaining('ran for 5 s without coming to a wait'),
  })
  await atStep('stumbler:steady', 'first')
  await operate('stumbler:steady', 'exit', { by: 'Mia' })
  expect(await world.client.workflow.getHandle('stumbler:steady').result()).toMatchObject({ is: 'exited' })
})
