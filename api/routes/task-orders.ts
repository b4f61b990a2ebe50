import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { TaskChange } from '../../store/store'
import { check } from '../check'
import type { Api } from '../deps'
import { plainText, properties, word } from '../fields'
import { ok, route, type Call } from '../route'
import { changeTask, task, toTask } from '../tasks'

const id = word
const agent = plainText(200)

const order = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('task.claim'), data: z.object({ id, agent }) }),
    z.object({ type: z.literal('task.release'), data: z.object({ id, agent }) }),
    z.object({ type: z.literal('task.note'), data: z.object({ id, agent, text: plainText(2_000) }) }),
    z.object({
      type: z.literal('task.complete'),
      data: z.object({ id, agent, outcome: word, data: properties.optional() }),
    }),
  ])
  .meta({ id: 'TaskOrder' })

type Order = z.output<typeof order>

/** Where the call centre's software claims and closes tasks, signed with the secret of TASKS_WEBHOOK. */
export const taskOrderRoute = route({
  method: 'post',
  path: '/webhooks/tasks',
  role: 'open',
  tag: 'Tasks',
  summary: 'Orders of the call centre’s software: task.claim, task.release, task.note, task.complete',
  description:
    'Signed as standardwebhooks.com has it, with the secret of the endpoint TASKS_WEBHOOK. The same webhook-id is carried out once.',
  body: z.instanceof(Buffer).meta({ description: 'A TaskOrder as JSON' }),
  bodyType: 'raw',
  answers: { 200: { description: 'Carried out; the task as it is now', schema: task } },
  problems: [
    'not-found',
    'unsigned',
    'invalid-json',
    'too-large',
    'task-taken',
    'task-closed',
    'task-not-now',
  ],
  async handle(call: Call<unknown, unknown, Buffer>, api) {
    checkSigned(call, api)
    const wanted = check(order, read(call.body), 'body') as Order
    const from = { order: call.headers['webhook-id'], key: 'TASKS_WEBHOOK' }
    const changed = await changeTask(wanted.data.id, changeOf(wanted), from, api)
    return ok(toTask(changed))
  },
})

function checkSigned({ body, headers }: Call<unknown, unknown, Buffer>, { taskOrders }: Api): void {
  if (!taskOrders) throw new Problem('not-found', 'No orders are taken here: TASKS_WEBHOOK is not set.')
  if (!taskOrders({ body, headers }))
    throw new Problem(
      'unsigned',
      'The order is not signed with the secret of TASKS_WEBHOOK, or too long ago.',
    )
}

function read(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Problem('invalid-json', 'The body is not JSON.')
  }
}

function changeOf({ type, data }: Order): TaskChange {
  switch (type) {
    case 'task.claim':
      return { is: 'claim', agent: data.agent }
    case 'task.release':
      return { is: 'release', agent: data.agent, supervisor: false }
    case 'task.note':
      return { is: 'note', agent: data.agent, text: data.text }
    case 'task.complete':
      return {
        is: 'complete',
        agent: data.agent,
        supervisor: false,
        outcome: data.outcome,
        data: data.data ?? {},
      }
  }
}
