import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { laneOf } from '../../store'
import type { EnrollmentRow } from '../../store/store'
import { startOptions } from '../../workers/dispatcher/start'
import { type Deployment, taskQueue } from './deployment'
import { addressOf } from './sources'

const ROWS_AT_ONCE = 1_000
const STARTS_AT_ONCE = 100

export const customerNamed = (number: number): string => `customer-${number}`

/**
 * Has customers `from` up to `to` enrolled and asleep. What is not measured is made directly: the rows that their events
 * leave behind in one statement each, and the workflows many at once. Resolves with how many that was a second.
 */
export async function enroll(deployment: Deployment, from: number, to: number): Promise<number> {
  const began = performance.now()
  const customers = Array.from({ length: to - from }, (_, index) => customerNamed(from + index))
  for (let next = 0; next < customers.length; next += ROWS_AT_ONCE)
    await insertRows(deployment, customers.slice(next, next + ROWS_AT_ONCE))
  await startEnrollments(deployment.temporal, taskQueue, customers)
  await asleep(deployment)
  return customers.length / ((performance.now() - began) / 1_000)
}

async function insertRows({ database }: Deployment, customers: readonly string[]): Promise<void> {
  const { rows } = await database.query<{ build: string }>(
    'select build from builds order by kept desc limit 1',
  )
  const traits = customers.map((id) => JSON.stringify({ email: addressOf(id), firstName: 'Ada' }))
  await database.query('insert into customers (id, traits) select * from unnest($1::text[], $2::jsonb[])', [
    customers,
    traits,
  ])
  await database.query(
    `insert into events (message_id, customer_id, kind, name, properties, occurred_at, lane, state, handled_at)
      select kind || ' of ' || customer, customer, kind, name, properties, wall_clock(), lane, 'handled', wall_clock()
      from unnest($1::text[], $2::jsonb[], $3::smallint[]) as given (customer, traits, lane)
      cross join lateral (
        values ('identify', '', traits), ('track', 'Subscription Started', $4::jsonb)
      ) as event (kind, name, properties)`,
    [customers, traits, customers.map(laneOf), JSON.stringify(trigger.properties)],
  )
  await database.query(
    `insert into enrollments (workflow_id, entry, journey, customer_id, build, status, enrolled_by, started_at)
      select 'answering:' || customer, 1, 'answering', customer, $2, 'running', 'track of ' || customer, wall_clock()
      from unnest($1::text[]) as customer`,
    [customers, rows[0]!.build],
  )
}

/** Starts the workflows as the dispatcher does. */
export async function startEnrollments(
  client: Client,
  queue: string,
  customers: readonly string[],
): Promise<void> {
  const deps = { taskQueue: queue, defaultTimeZone: 'UTC', customerRef: (id: string) => id }
  await manyAtOnce(customers, async (customer) => {
    const options = startOptions(
      rowOf(customer),
      trigger,
      { description: 'asleep', holdout: 0 },
      undefined,
      deps,
    )
    await client.workflow.start('answering', options)
  })
}

export async function manyAtOnce<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const queue = items.values()
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, lane))
}

const trigger = {
  messageId: 'enrolled-for-measuring',
  name: 'Subscription Started',
  properties: { plan: 'team', price: 49 },
  timestamp: '2026-01-05T09:00:00.000Z',
}

const rowOf = (customerId: string): EnrollmentRow => ({
  id: `answering:${customerId}`,
  entry: 1,
  journey: 'answering',
  customerId,
  key: null,
  build: '',
  status: 'starting',
  outcome: null,
  enrolledBy: trigger.messageId,
  heldOut: false,
  startedAt: 0,
  endedAt: null,
})

/** Until no workflow task waits for a worker: then each enrollment has begun to sleep. */
async function asleep({ temporal }: Deployment): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    await sleep(500)
    quiet = (await waitingTasks(temporal)) === 0 ? quiet + 1 : 0
  }
}

async function waitingTasks(temporal: Client): Promise<number> {
  const { stats } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1,
    reportStats: true,
  })
  return Number(stats?.approximateBacklogCount ?? 0)
}
