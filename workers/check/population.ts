import type { Client } from '@temporalio/client'
import { type Recorded, recorded } from './commands'

/** A running enrollment, as Temporal lists it. */
export interface Inside {
  readonly id: string
  readonly journey: string
}

/** All enrollments that run on a task queue. */
export async function insideOf(client: Client, taskQueue: string): Promise<Inside[]> {
  const found: Inside[] = []
  const query = `TaskQueue = '${taskQueue.replaceAll("'", "''")}' AND ExecutionStatus = 'Running'`
  for await (const { workflowId: id, type } of client.workflow.list({ query, pageSize: 1_000 })) {
    found.push({ id, journey: type })
  }
  return found
}

const atOnce = 16

/** Their histories, some at a time. Those that have ended meanwhile are left out; `missed` is told of what can't be read. */
export async function* historiesOf(
  client: Client,
  inside: readonly Inside[],
  missed: (one: Inside) => void,
): AsyncGenerator<{ id: string; past: Recorded }> {
  for (let first = 0; first < inside.length; first += atOnce) {
    const some = inside.slice(first, first + atOnce)
    const pasts = await Promise.all(some.map((one) => historyOf(client, one.id).catch(() => missed(one))))
    for (const [index, past] of pasts.entries()) if (past && !past.isOver) yield { id: some[index]!.id, past }
  }
}

const pauseMs = 500

/** Where a task is due, it may be done a moment later. */
async function historyOf(client: Client, id: string, attempts = 4): Promise<Recorded> {
  const past = recorded(await client.workflow.getHandle(id).fetchHistory())
  if (!past.inMotion || past.isOver || attempts === 1) return past
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
  return historyOf(client, id, attempts - 1)
}

/** As many of them as asked for, each as likely as any other. */
export function sampled<Item>(items: readonly Item[], size: number, random = Math.random): Item[] {
  const chosen = items.slice(0, size)
  for (let index = size; index < items.length; index++) {
    const place = Math.floor(random() * (index + 1))
    if (place < size) chosen[place] = items[index]!
  }
  return chosen
}
