import { setTimeout as sleep } from 'node:timers/promises'
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker'
import { createLogger } from '../../logger'
import { installRuntime, temporalLogger } from '../../workers/runtime'
import { ThreadedWorker } from '../../workers/thread'
import { answer } from './asked'
import type { MemoryRequest, WorkerRequest } from './memory'
import { memoryOf } from './samples'

// A fresh worker that caches all it is given: forked by memory.ts.

const SETTLES_MS = 4_000
let worker: Worker

async function start({ address, taskQueue, workflows }: WorkerRequest): Promise<number> {
  const logger = createLogger('error')
  installRuntime(logger)
  const Kind = 'bundle' in workflows ? ThreadedWorker : Worker
  worker = await Kind.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle:
      'bundle' in workflows
        ? { codePath: workflows.bundle }
        : await bundleWorkflowCode({ workflowsPath: workflows.source, logger: temporalLogger(logger) }),
    maxCachedWorkflows: 100_000,
    maxConcurrentWorkflowTaskExecutions: 40,
  })
  worker.run().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  return memoryOf(process.pid)
}

async function memoryOnceCached(count: number): Promise<number> {
  while (worker.getStatus().numCachedWorkflows < count) await sleep(100)
  await sleep(SETTLES_MS)
  return memoryOf(process.pid)
}

answer((request: MemoryRequest) => ('cached' in request ? memoryOnceCached(request.cached) : start(request)))
