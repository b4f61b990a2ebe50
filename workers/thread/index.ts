import path from 'node:path'
import { Worker as Thread } from 'node:worker_threads'
import { type Logger, Worker } from '@temporalio/worker'
import type { CompiledWorkerOptions } from '@temporalio/worker/lib/worker-options'
import type {
  Workflow,
  WorkflowCreateOptions,
  WorkflowCreator,
} from '@temporalio/worker/lib/workflow/interface'
import {
  ThreadedVMWorkflowCreator,
  VMWorkflowThreadProxy,
  WorkerThreadClient,
} from '@temporalio/worker/lib/workflow/threaded-vm'
import type { WorkflowBundleWithSourceMapAndFilename } from '@temporalio/worker/lib/workflow/workflow-worker-thread/input'

const entry = path.join(__dirname, 'journey-thread.mjs')

/** Temporal's worker, with a thread of ours for the workflows; see docs/decisions/0030-thread-of-journeys.md. */
export class ThreadedWorker extends Worker {
  protected static override async createWorkflowCreator(
    workflowBundle: WorkflowBundleWithSourceMapAndFilename,
    { activities }: CompiledWorkerOptions,
    logger: Logger,
  ): Promise<WorkflowCreator> {
    const thread = new WorkerThreadClient(new Thread(entry, { execArgv: [] }), logger)
    await thread.send({
      type: 'init',
      workflowBundle,
      // None for each call: the thread has a watch of its own.
      isolateExecutionTimeoutMs: undefined as unknown as number,
      registeredActivityNames: new Set(activities.keys()),
      reuseV8Context: true,
      hasPatchActivationCallback: false,
    })
    return new InThread([thread])
  }
}

class InThread extends ThreadedVMWorkflowCreator {
  override createWorkflow(options: WorkflowCreateOptions): Promise<Workflow> {
    return ThreadedWorkflow.create(this.workerThreadClients[0]!, options)
  }
}

type Activation = Parameters<Workflow['activate']>[0]
type Completion = Awaited<ReturnType<Workflow['activate']>>

/** Asks the thread for log lines and the like only where there are some; the SDK asks after each task. */
class ThreadedWorkflow extends VMWorkflowThreadProxy {
  private silent = false

  override async activate(activation: Activation): Promise<Completion> {
    const { silent = false, ...completion }: Completion & { silent?: boolean } = await super.activate(
      activation,
    )
    this.silent = silent
    return completion
  }

  override async getAndResetSinkCalls(): ReturnType<Workflow['getAndResetSinkCalls']> {
    return this.silent ? [] : super.getAndResetSinkCalls()
  }
}
