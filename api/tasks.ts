import { z } from 'zod'
import { Problem } from '../sdk/problem'
import type { TaskChange, TaskChanged, TaskEntry, TaskOrder, TaskRow, TaskStatus } from '../store/store'
import type { Api } from './deps'
import { whyNotCall } from './may-call'
import { instant, iso, isoOrNull } from './shapes'

const statuses = ['open', 'claimed', 'done', 'expired', 'moot'] as const satisfies readonly TaskStatus[]
export const taskStatus = z.enum(statuses)

const entry = z.object({
  at: instant,
  did: z.string(),
  by: z.string().nullable(),
  key: z.string().optional().describe('The name of the API key that gave the order'),
  words: z.string().optional().describe('The note, the outcome, or whom it was given to'),
})

export const task = z
  .object({
    id: z.string(),
    queue: z.string(),
    priority: z.int().describe('The higher comes first'),
    status: taskStatus.describe('moot: a goal, an exit or another end of the enrollment came first'),
    agent: z.string().nullable().describe('Who has it, or had it when it was closed'),
    customerId: z.string(),
    journey: z.string(),
    step: z.string(),
    enrollmentId: z.string(),
    script: z.string(),
    context: z.looseObject({}),
    outcomes: z.array(z.string()),
    outcome: z.string().nullable(),
    data: z.looseObject({}).nullable(),
    openedAt: instant,
    dueAt: instant,
    closedAt: instant.nullable(),
    log: z.array(entry),
  })
  .meta({ id: 'Task' })

export const toTask = (row: TaskRow): z.output<typeof task> => ({
  id: row.ref,
  queue: row.queue,
  priority: row.priority,
  status: row.status,
  agent: row.agent,
  customerId: row.customerId,
  journey: row.journey,
  step: row.step,
  enrollmentId: row.enrollmentId,
  script: row.script,
  context: { ...row.context },
  outcomes: [...row.outcomes],
  outcome: row.outcome,
  data: row.data && { ...row.data },
  openedAt: iso(row.openedAt),
  dueAt: iso(row.dueAt),
  closedAt: isoOrNull(row.closedAt),
  log: row.log.map(toEntry),
})

const toEntry = ({ at, did, by, key, words }: TaskEntry): z.output<typeof entry> => ({
  at: iso(at),
  did,
  by,
  key,
  words,
})

/** Throws the problem `not-found`. */
export async function taskOf(id: string, { store }: Api): Promise<TaskRow> {
  const found = await store.tasks.get(id)
  if (!found) throw noSuchTask(id)
  return found
}

/** Changes a task. Who claims one is told where the customer may not be called now. Throws a Problem where it cannot be. */
export async function changeTask(
  id: string,
  change: TaskChange,
  from: TaskOrder,
  api: Api,
): Promise<TaskRow> {
  if (change.is === 'claim') await checkCallable(await taskOf(id, api), change.agent, api)
  const changed = await api.store.tasks.change(id, change, from)
  if (changed.is !== 'changed') throw refusal(id, changed)
  return changed.task
}

/** Of a task that is taken or closed, that is the answer. */
async function checkCallable(task: TaskRow, agent: string, api: Api): Promise<void> {
  if (task.status !== 'open' && !(task.status === 'claimed' && task.agent === agent)) return
  const because = await whyNotCall(task, api)
  if (because !== undefined)
    throw new Problem('task-not-now', `The customer may not be called now: ${because}.`)
}

const noSuchTask = (id: string): Problem => new Problem('not-found', `There is no task "${id}".`)

function refusal(id: string, changed: Exclude<TaskChanged, { is: 'changed' }>): Problem {
  if (changed.is === 'unknown') return noSuchTask(id)
  const { status, agent, outcome, outcomes } = changed.task
  switch (changed.is) {
    case 'taken':
      return new Problem('task-taken', `${agent} has it.`)
    case 'closed':
      return new Problem(
        'task-closed',
        `It is ${status}${outcome === null ? '' : ` (${outcome}, by ${agent})`}.`,
      )
    case 'paused':
      return new Problem('task-not-now', 'The enrollment is paused.')
    case 'no-such-outcome': {
      const message = `must be one of: ${outcomes.join(', ')}`
      return new Problem('invalid-request', `outcome: ${message}.`, [{ path: 'outcome', message }])
    }
  }
}
