import path from 'node:path'
import type { Client } from '@temporalio/client'
import { startAsked } from './asked'
import { deploy, type Deployment } from './deployment'
import { median, rounded } from './figures'
import { manyAtOnce, startEnrollments } from './population'
import { inFolder } from './scope'
import { addressOf } from './sources'

export interface WorkerRequest {
  readonly address: string
  readonly taskQueue: string
  readonly workflows: { readonly bundle: string } | { readonly source: string }
}

/** A worker to start, or to be asked for its resident memory in MB once it has cached so many workflows. */
export type MemoryRequest = WorkerRequest | { readonly cached: number }

const ROUNDS = 3
// The first ones bring in code and connections.
const FIRST = 200
const MORE = 1_500

type Way = 'ours' | 'bare'

/** `memoryPerWorkflow` alone; about three minutes. */
export const memory = (): Promise<Record<string, unknown>> =>
  inFolder(async (folder, later) => {
    // Nobody sends in it.
    const deployment = await deploy(folder, later, { smtpUrl: 'smtp://127.0.0.1:1' })
    return { benchmark: 'memory', ...(await memoryPerWorkflow(deployment)) }
  })

/** Kilobytes that a sleeping enrollment takes in the worker that has it cached, beside a bare workflow; a fresh worker each time. */
export async function memoryPerWorkflow(deployment: Deployment): Promise<Record<string, number>> {
  const measured: Record<Way, number[]> = { ours: [], bare: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const))
      measured[way].push(await memoryIn(deployment, way, `memory-${way}-${round}`))
  }
  const ratios = measured.ours.map((ours, round) => ours / measured.bare[round]!)
  return {
    kilobytes: Math.round(median(measured.ours)),
    bareKilobytes: Math.round(median(measured.bare)),
    ratio: rounded(median(ratios)),
  }
}

async function memoryIn({ temporal, temporalAddress, bundle }: Deployment, way: Way, taskQueue: string) {
  const worker = startAsked<MemoryRequest, number>('memory-process')
  try {
    const workflows = way === 'ours' ? { bundle } : { source: path.join(__dirname, 'bare-workflows') }
    await worker.ask({ address: temporalAddress, taskQueue, workflows })
    await startMany(temporal, way, taskQueue, 0, FIRST)
    const before = await worker.ask({ cached: FIRST })
    await startMany(temporal, way, taskQueue, FIRST, FIRST + MORE)
    const after = await worker.ask({ cached: FIRST + MORE })
    return ((after - before) * 1_024) / MORE
  } finally {
    await worker.stop()
  }
}

async function startMany(client: Client, way: Way, taskQueue: string, from: number, to: number) {
  const customers = Array.from({ length: to - from }, (_, index) => `${taskQueue}-${from + index}`)
  if (way === 'ours') return startEnrollments(client, taskQueue, customers)
  return manyAtOnce(customers, async (customer) => {
    const workflowId = `bareAnswering:${customer}`
    await client.workflow.start('bareAnswering', { workflowId, taskQueue, args: [addressOf(customer)] })
  })
}
