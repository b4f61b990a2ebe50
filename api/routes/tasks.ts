import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { TaskChange, TaskOrder } from '../../store/store'
import { authorOf } from '../author'
import { customerIdText, pageQuery, plainText, properties, word } from '../fields'
import { grants } from '../keys'
import { pageFrom } from '../page'
import { ok, route, type Call, type Route } from '../route'
import { customer, pageOf, toCustomer } from '../shapes'
import { changeTask, task, taskOf, taskStatus, toTask } from '../tasks'
import { timeline, timelineEntry } from '../timeline'

const agent = plainText(200).nullish().describe('Who does it; left out: the name of the key')
const note = plainText(2_000)
const params = z.object({ id: word })
const changed = { 200: { description: 'The task as it is now', schema: task } } as const
const EVENTS_SHOWN = 30

const detail = z
  .object({
    task,
    customer: customer.nullable().describe('null: the customer was deleted'),
    timeline: z.array(timelineEntry).describe('What happened with the customer lately, newest first'),
  })
  .meta({ id: 'TaskDetail' })

/** The queues of agents. With an Idempotency-Key an order is carried out once. */
export const taskRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/tasks',
    role: 'agent',
    tag: 'Tasks',
    summary: 'Tasks: the highest priority first, then what is due first',
    query: z.strictObject({
      ...pageQuery,
      queue: word.optional(),
      status: taskStatus
        .optional()
        .describe('Left out: open and claimed, without those of paused enrollments'),
      agent: word.optional(),
      customerId: customerIdText.optional(),
    }),
    answers: { 200: { description: 'Tasks', schema: pageOf(task) } },
    handle: async ({ query: { limit, cursor, ...filter } }, api) =>
      ok(await pageFrom(api.store.tasks.list(filter, { limit, cursor }), toTask)),
  }),
  route({
    method: 'get',
    path: '/v1/tasks/{id}',
    role: 'agent',
    tag: 'Tasks',
    summary: 'A task, with its customer and what happened with them',
    params,
    answers: { 200: { description: 'The task', schema: detail } },
    problems: ['not-found'],
    async handle({ params: { id } }, api) {
      const row = await taskOf(id, api)
      const known = await api.store.customers.get(row.customerId)
      const { items } = await timeline(api.store, row.customerId, { limit: EVENTS_SHOWN })
      return ok({ task: toTask(row), customer: known ? toCustomer(known) : null, timeline: items })
    },
  }),
  order({
    action: 'claim',
    summary: 'Claim a task: one agent has it',
    description: 'The contact rules are asked again: nobody claims a call that may not be made now.',
    body: z.strictObject({ agent }),
    change: (_, who) => ({ is: 'claim', agent: who }),
  }),
  order({
    action: 'release',
    summary: 'Give a claimed task back into its queue',
    body: z.strictObject({ agent }),
    change: (_, who, supervisor) => ({ is: 'release', agent: who, supervisor }),
  }),
  order({
    action: 'note',
    summary: 'Note something at a task',
    body: z.strictObject({ agent, text: note }),
    change: ({ text }, who) => ({ is: 'note', agent: who, text }),
  }),
  order({
    action: 'complete',
    summary: 'Close a task with its outcome',
    description: 'A 2xx means stored: the journey is told, whatever dies next, and once.',
    body: z.strictObject({
      agent,
      outcome: word.describe('One of the task’s outcomes'),
      data: properties.optional().describe('What the journey gets along'),
    }),
    change: ({ outcome, data = {} }, who, supervisor) => ({
      is: 'complete',
      agent: who,
      supervisor,
      outcome,
      data,
    }),
  }),
  route({
    method: 'post',
    path: '/v1/tasks/{id}/reassign',
    role: 'operate',
    tag: 'Tasks',
    summary: 'Give a task to another agent, to nobody, or into another queue',
    params,
    body: z
      .strictObject({
        agent: plainText(200).nullable().optional().describe('null: nobody; left out: who has it keeps it'),
        queue: word.optional(),
        by: plainText(200).nullish().describe('Who gives the order'),
      })
      .refine(({ agent, queue }) => agent !== undefined || queue !== undefined, {
        error: 'must name an agent, or null, or a queue',
      }),
    answers: changed,
    problems: ['not-found', 'task-closed'],
    async handle(call, api) {
      const { by: _, ...to } = call.body
      const change: TaskChange = { is: 'reassign', by: authorOf(call), ...to }
      return ok(toTask(await changeTask(call.params.id, change, orderOf(call), api)))
    },
  }),
]

interface Order<Body extends z.ZodType> {
  readonly action: string
  readonly summary: string
  readonly description?: string
  readonly body: Body
  /** `supervisor`: the key may act in place of the agent who has it. */
  readonly change: (body: z.output<Body>, agent: string, supervisor: boolean) => TaskChange
}

function order<Body extends z.ZodType<{ agent?: string | null }>>({
  action,
  change,
  ...told
}: Order<Body>): Route {
  return route({
    ...told,
    method: 'post',
    path: `/v1/tasks/{id}/${action}`,
    role: 'agent',
    tag: 'Tasks',
    params,
    answers: changed,
    problems: ['not-found', 'task-taken', 'task-closed', 'task-not-now'],
    async handle(call, api) {
      const wanted = change(call.body as z.output<Body>, agentOf(call), isSupervisor(call))
      return ok(toTask(await changeTask(call.params.id, wanted, orderOf(call), api)))
    },
  })
}

const orderOf = ({ idempotencyKey, key }: Call<unknown, unknown, unknown>): TaskOrder => ({
  order: idempotencyKey,
  key: key?.name,
})

/** Throws the problem `invalid-request`, where neither body nor key names anybody. */
function agentOf({ body, key }: Call<unknown, unknown, unknown>): string {
  const { agent } = body as { agent?: string | null }
  const named = agent ?? key?.name
  if (named === undefined) throw new Problem('invalid-request', 'agent: must be named.')
  return named
}

const isSupervisor = ({ key }: Pick<Call, 'key'>): boolean =>
  key !== undefined && grants[key.role].includes('operate')
