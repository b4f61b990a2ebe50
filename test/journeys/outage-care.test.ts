import { Webhook } from 'standardwebhooks'
import {
  accountClosed,
  callEnded,
  callStarted,
  helpRequested,
  serviceDisrupted,
  serviceRestored,
} from '../../catalog/events'
import { cast } from '../../workers/demo/cast'
import { isKeptOut } from '../../sdk/definition'
import { endsWithin, nothingAfterTheEnd, atMost } from '../../sdk/testing'
import { outageCare } from '../../workflows/journeys'
import { explore, rehearse } from '../../workflows/testing'
import { until } from '../support/until'
import { webhookSecret, World } from '../support/world'

const incident = { incident_id: 'i-1', service: 'The internet line' }

/** The first of many names whom the journey does not hold out. */
function inside(name: string): string {
  const ids = Array.from({ length: 100 }, (_, nth) => `${name}-${nth}`)
  return ids.find((id) => !isKeptOut('outageCare', id, outageCare.definition.holdout!))!
}

describe('in virtual time', () => {
  const begun = () =>
    rehearse(outageCare, { customer: { id: inside('vi'), phone: '+4930123456' } }).event(
      serviceDisrupted,
      incident,
    )

  test('customers hear of it before they call, and that it is over', async () => {
    await begun()
      .after('2 minutes')
      .expectSent('tell')
      .after('5 hours')
      .event(serviceRestored, { incident_id: 'i-1' })
      .expectSent('works-again')
      .after('2 days')
      .expectOutcome({ is: 'completed', because: 'nobody had to call' })
  })

  test('the demo leaves one customer whose call waits for an agent', async () => {
    const { id, traits, acts } = cast(Date.now()).find((role) => role.id === 'nora')!
    let story = rehearse(outageCare, { customer: { ...traits, id } })
    const known = [serviceDisrupted, helpRequested]
    for (const act of acts) {
      if ('passes' in act) story = story.after(act.passes as '5 minutes')
      if ('does' in act)
        story = story.event(
          known.find(({ name }) => name === act.does)!,
          act.with as typeof incident,
        )
    }
    await story.expectSent('tell').expectSent('call-back').expectTask('call-back', 'open')
  })

  test('nobody is written to while they have us on the phone', async () => {
    await begun()
      .event(callStarted, { call_id: 'c-1' })
      .after('30 minutes')
      .expectNothingMore()
      .expectWaiting('hangs-up')
      .event(callEnded, { call_id: 'c-1' })
      .expectSent('tell')
  })

  test('a call of ours keeps nobody on the phone', async () => {
    await begun()
      .event(callStarted, { call_id: 'c-1', direction: 'outbound' })
      .after('2 minutes')
      .expectSent('tell')
  })

  test('who is stuck is called, and written to when that was in vain', async () => {
    const stuck = begun().after('2 minutes').expectSent('tell').event(helpRequested)
    await stuck
      .expectSent('call-back')
      .taskDone('call-back', 'solved')
      .expectOutcome({ is: 'completed', because: 'solved' })
    await stuck
      .expectSent('call-back')
      .taskDone('call-back', 'not-reached')
      .expectSent('sorry')
      .expectOutcome({ is: 'completed', because: 'not-reached' })
    await stuck.expectSent('call-back').after('1 day').expectTask('call-back', 'expired').expectSent('sorry')
    await stuck
      .expectSent('call-back')
      .event(accountClosed)
      .expectTask('call-back', 'moot')
      .expectOutcome({ is: 'exited' })
  })

  test('it ends within a week, and is no nuisance', async () => {
    const explored = await explore(outageCare, {
      begin: serviceDisrupted,
      samples: {
        'Service Disrupted': incident,
        'Service Restored': { incident_id: 'i-1' },
        'Call Started': { call_id: 'c-1' },
        'Call Ended': { call_id: 'c-1' },
      },
      customers: [{ phone: '+4930123456' }],
      properties: [nothingAfterTheEnd, endsWithin('7 days'), atMost(4, '7 days')],
      paths: 1_000,
    })
    expect(explored.reached).toEqual(
      expect.arrayContaining(['call-back sent', 'call-back withheld', 'sorry sent']),
    )
  })
})

describe('on the real server', () => {
  let world: World
  beforeAll(async () => void (world = await World.open()))
  afterAll(async () => world?.close())

  async function stuck(name: string): Promise<{ customer: string; id: string; workflowId: string }> {
    const customer = inside(name)
    await world.identify(customer, {
      email: `${customer}@example.com`,
      phone: '+4930123456',
      firstName: 'Mo',
    })
    await world.event(customer, 'Service Disrupted', incident)
    await world.forward(customer, '3 minutes')
    await world.untilTouchpoints(customer, ['tell sent'])
    await world.event(customer, 'Help Requested', {})
    await world.untilTouchpoints(customer, ['tell sent', 'call-back sent'])
    const [task] = (await world.call('GET', `/v1/tasks?customerId=${customer}`)).body.items
    return { customer, id: task.id, workflowId: `outageCare:${customer}:i-1` }
  }

  const toldOf = (id: string): any[] =>
    world.webhooks.received.map(({ body }) => JSON.parse(body)).filter(({ data }) => data?.id === id)

  test('an outcome that was stored while no worker ran reaches the journey, once; a task costs one event and a timer', async () => {
    const { id, workflowId } = await stuck('ada')
    await world.worker.stop()
    const path = `/v1/tasks/${id}`
    await world.call('POST', `${path}/claim`, { agent: 'ann' })
    expect((await world.call('POST', `${path}/complete`, { agent: 'ann', outcome: 'solved' })).status).toBe(
      200,
    )
    expect((await world.call('POST', `${path}/complete`, { agent: 'ann', outcome: 'solved' })).status).toBe(
      200,
    )
    await world.settled(`task:${id}`)
    await world.restartWorker()
    await world.untilOutcomeOf(workflowId, { is: 'completed', because: 'solved' })
    const kinds = (await world.wholeHistory(workflowId)).map(({ eventType }) => eventType)
    const signals = kinds.filter((kind) => String(kind).includes('SIGNALED') || kind === 26)
    expect(signals).toHaveLength(2)
  })

  test('the call centre’s software is told, and claims and closes by signed orders', async () => {
    const { id, customer, workflowId } = await stuck('bo')
    await until(async () => toldOf(id).length > 0)
    expect(toldOf(id)[0]).toMatchObject({
      type: 'task.opened',
      data: {
        customerId: customer,
        phone: '+4930123456',
        queue: 'outages',
        outcomes: ['solved', 'technician', 'not-reached'],
      },
    })
    expect(toldOf(id)[0].data.script).toContain('Mo is still stuck after the outage of The internet line')
    const order = async (type: string, data: object) => {
      const body = JSON.stringify({ type, data: { id, agent: 'ann', ...data } })
      const messageId = `${type}-${id}`
      const at = new Date()
      const signature = new Webhook(webhookSecret).sign(messageId, at, body)
      const headers = {
        'webhook-id': messageId,
        'webhook-timestamp': String(Math.floor(+at / 1000)),
        'webhook-signature': signature,
      }
      return (await fetch(`${world.url}/webhooks/tasks`, { method: 'POST', headers, body })).status
    }
    expect(await order('task.claim', {})).toBe(200)
    expect(await order('task.complete', { outcome: 'technician' })).toBe(200)
    await world.untilOutcomeOf(workflowId, { is: 'completed', because: 'technician' })
    await until(async () => toldOf(id).at(-1).type === 'task.closed')
    expect(toldOf(id).at(-1).data).toMatchObject({ status: 'done', outcome: 'technician', agent: 'ann' })
  })

  test('nobody claims it: it escalates, is extended, expires; an agent is then too late', async () => {
    const { id, customer, workflowId } = await stuck('cy')
    const task = async () => (await world.call('GET', `/v1/tasks/${id}`)).body.task
    const { dueAt } = await task()
    await world.forward(customer, '3 hours')
    await until(async () => (await task()).queue === 'outages-urgent')
    const target = `/v1/enrollments/${encodeURIComponent(workflowId)}/extend`
    await world.call('POST', target, { step: 'call-back', duration: '1 day', by: 'test' })
    expect(Date.parse((await task()).dueAt) - Date.parse(dueAt)).toBe(86_400_000)
    await world.forward(customer, '2 days')
    await world.untilOutcomeOf(workflowId, { is: 'completed', because: 'expired' })
    const late = await world.call('POST', `/v1/tasks/${id}/complete`, { agent: 'ann', outcome: 'solved' })
    expect([late.status, late.body.code]).toEqual([409, 'task-closed'])
    await world.untilTouchpoints(customer, ['tell sent', 'call-back sent', 'sorry sent'])
  })

  test('an exit closes it in the middle of the call', async () => {
    const { id, customer, workflowId } = await stuck('di')
    await world.call('POST', `/v1/tasks/${id}/claim`, { agent: 'ann' })
    await world.event(customer, 'Account Closed')
    await world.untilOutcomeOf(workflowId, { is: 'exited', because: 'Account Closed' })
    const { body } = await world.call('GET', `/v1/tasks/${id}`)
    expect([body.task.status, body.task.agent]).toEqual(['moot', 'ann'])
  })
})
