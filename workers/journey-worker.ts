import type { NativeConnection, WorkerDeploymentOptions } from '@temporalio/worker'
import type { SojournActivities } from '../activities'
import { deploymentName } from '../sdk/worker-deployment'
import type { Build } from './bundle'
import { ThreadedWorker } from './thread'

export interface JourneyWorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly taskQueue: string
  readonly build: Build
  readonly activities: SojournActivities
  /** Whether enrollments stay on the build that they began their stage on. */
  readonly versioned?: boolean
  /** Enrollments kept in memory; about 0.3 MB each. */
  readonly maxCachedWorkflows?: number
}

export interface JourneyWorker {
  /** Rejects when the worker breaks; resolves once it has stopped. */
  readonly running: Promise<void>
  /** Whether it takes tasks. */
  ready(): boolean
  stop(): Promise<void>
}

/** Runs journeys and their activities until stopped. */
export async function startJourneyWorker(options: JourneyWorkerOptions): Promise<JourneyWorker> {
  const worker = await ThreadedWorker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: options.build.workflowBundle,
    activities: { ...options.activities },
    maxCachedWorkflows: options.maxCachedWorkflows ?? 500,
    maxConcurrentWorkflowTaskExecutions: 40,
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '7 seconds',
    ...(options.versioned && { workerDeploymentOptions: pinnedTo(options) }),
  })
  const running = worker.run()
  return {
    running,
    ready: () => worker.getState() === 'RUNNING',
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await running.catch(() => undefined)
    },
  }
}

const pinnedTo = ({ taskQueue, build }: JourneyWorkerOptions): WorkerDeploymentOptions => ({
  version: { deploymentName: deploymentName(taskQueue), buildId: build.manifest.build },
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'PINNED',
})
