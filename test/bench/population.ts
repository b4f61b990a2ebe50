import { setTimeout as sleep } from 'node:timers/promises'
import { countOf, type Deployment, handedOn, taskQueue } from './deployment'
import { enrolls, identified } from './sources'

const BATCH = 100

export const customerNamed = (number: number): string => `customer-${number}`

/**
 * Has customers `from` up to `to` enrolled over HTTP, as any customer is, and waits until all of them sleep.
 * Resolves with how many that was a second.
 */
export async function enroll(deployment: Deployment, from: number, to: number): Promise<number> {
  const began = performance.now()
  for (let next = from; next < to; next += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, to - next) }, (_, index) => next + index)
    const customers = numbers.map(customerNamed)
    await batch(deployment, [...customers.map(identified), ...customers.map(enrolls)])
  }
  await handedOn(deployment)
  await asleep(deployment)
  const running = await countOf(
    deployment.database,
    `select count(*) from enrollments where status = 'running'`,
  )
  if (running < to) throw new Error(`${running} of ${to} are enrolled`)
  return (to - from) / ((performance.now() - began) / 1_000)
}

async function batch({ url, authorization }: Deployment, posted: readonly ReturnType<typeof identified>[]) {
  const messages = posted.map(({ path, body }) => ({ type: path.slice('/v1/'.length), ...body }))
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ batch: messages }),
  })
  if (response.status !== 200) throw new Error(`the batch: ${response.status} ${await response.text()}`)
}

/** Until no workflow task waits for a worker: then each enrollment has begun to sleep. */
async function asleep({ temporal }: Deployment): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    await sleep(500)
    quiet = (await waitingTasks(temporal)) === 0 ? quiet + 1 : 0
  }
}

async function waitingTasks(temporal: Deployment['temporal']): Promise<number> {
  const { stats } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1,
    reportStats: true,
  })
  return Number(stats?.approximateBacklogCount ?? 0)
}
