import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import { authorOf } from '../author'
import type { Api } from '../deps'
import { fromWorkflow } from '../enrollment-detail'
import { duration, enrollmentId, plainText, word } from '../fields'
import { ok, route, type Call, type Route } from '../route'
import { enrollmentDetail } from '../shapes'
import type { EnrollmentStatus, UpdateName } from '../temporal-gateway'

export const author = {
  by: plainText(200).nullish().describe('Who gives the order; the key’s name is recorded in any case'),
  reason: plainText(500).nullish(),
}

const step = word.nullish().describe('Where it waits; needed only when it waits at several steps at once')

const orders = {
  pause: { summary: 'Pause: waits keep counting, nothing is sent', body: z.strictObject(author) },
  resume: { summary: 'Go on after a pause', body: z.strictObject(author) },
  skip: { summary: 'End the current wait now', body: z.strictObject({ ...author, step }) },
  exit: { summary: 'Take the customer out of the journey', body: z.strictObject(author) },
  extend: {
    summary: 'Move the end of the current wait',
    body: z.strictObject({ ...author, step, duration }),
  },
  move: {
    summary: 'Leave the current stage and begin another',
    body: z.strictObject({
      ...author,
      stage: word,
      from: word.nullish().describe('Only while it is in this stage'),
      entry: z.int().min(1).nullish().describe('Only while this is its how-manieth entry'),
    }),
  },
} satisfies Record<UpdateName, { summary: string; body: z.ZodType }>

interface Order {
  readonly by?: string | null
  readonly reason?: string | null
}

/** Orders to one enrollment, as Temporal updates. With an Idempotency-Key an order is carried out once, however often it is sent. */
export const operationRoutes: readonly Route[] = (Object.keys(orders) as UpdateName[]).map((action) =>
  route({
    method: 'post',
    path: `/v1/enrollments/{id}/${action}`,
    role: 'operate',
    tag: 'Enrollments',
    summary: orders[action].summary,
    params: z.object({ id: enrollmentId }),
    body: orders[action].body as z.ZodType<Order>,
    answers: { 200: { description: 'Done; the enrollment as it is now', schema: enrollmentDetail } },
    problems: ['not-found', 'not-acceptable-now', 'ended', 'temporal-unavailable'],
    handle: (call, api) => carryOut(action, call, api),
  }),
)

async function carryOut(action: UpdateName, call: Call<{ id: string }, unknown, Order>, api: Api) {
  const { id } = call.params
  const order = orderOf(call)
  const updateId = updateIdOf(action, call)
  const updated = await api.temporal.update(id, action, order, updateId)
  if (updated.is === 'refused')
    throw new Problem('not-acceptable-now', updated.because.replace(/^Refused: /, ''))
  if (updated.is === 'gone') return await refuseEnded(id, api)
  if (action === 'extend') await tasksDue(updated.status, api)
  await api.store.operations.record(updateId, operationOf(action, updated.status, order))
  return ok(await fromWorkflow(updated.status, await api.temporal.timeline(id).catch(() => []), api))
}

/** Agents see the time by which they have to be done. */
async function tasksDue({ id, entry, waits }: EnrollmentStatus, { store }: Api): Promise<void> {
  for (const { verb, step, until } of waits)
    if (verb === 'task' && until !== null) await store.tasks.dueAt(id, entry, step, Date.parse(until))
}

/** What the workflow is told: fields that are not given are left out. */
function orderOf(call: Call<unknown, unknown, Order>): { by: string; reason?: string } {
  const given = Object.fromEntries(Object.entries(call.body).filter(([, value]) => value != null))
  return { ...given, by: authorOf(call) }
}

const updateIdOf = (action: UpdateName, { params, idempotencyKey }: Call<{ id: string }>): string =>
  idempotencyKey === undefined
    ? randomUUID()
    : createHash('sha256')
        .update(JSON.stringify([params.id, action, idempotencyKey]))
        .digest('hex')

const operationOf = (
  action: UpdateName,
  status: EnrollmentStatus,
  order: { by: string; reason?: string },
) => ({
  enrollmentId: status.id,
  entry: status.entry,
  action,
  by: order.by,
  reason: order.reason ?? null,
})

async function refuseEnded(id: string, api: Api): Promise<never> {
  const row = await api.store.enrollments.get(id)
  if (!row) throw new Problem('not-found', `There is no enrollment "${id}".`)
  if (row.status === 'starting')
    throw new Problem('not-acceptable-now', 'The enrollment has not begun yet; ask again in a moment.')
  throw new Problem('ended', 'The enrollment has ended.')
}
