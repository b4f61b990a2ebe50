import { Script } from 'node:vm'
import { parentPort } from 'node:worker_threads'
import reusable from '@temporalio/worker/lib/workflow/reusable-vm.js'
import shared from '@temporalio/worker/lib/workflow/vm-shared.js'

// The thread in which workflows run: the SDK's own (1.24), with some things done otherwise. See
// docs/decisions/0030-thread-of-journeys.md.

// A hook on each promise, to take a stack trace that nobody here reads.
shared.globalHandlers.setPromiseHook = () => undefined

// One watch over all that a task does; the SDK has one, a native thread, for each of its calls into the workflow.
const MOST_MS = 5_000
const watch = new Script(`globalThis[Symbol.for('sojourn.watched')]()`)
let stopped = false

/** Calls what must come back within five seconds. Throws when it does not. */
function watched(run) {
  globalThis[Symbol.for('sojourn.watched')] = run
  try {
    return watch.runInThisContext({ timeout: MOST_MS })
  } catch (error) {
    if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    stopped = true
    throw new Error(`it ran for ${MOST_MS / 1_000} s without coming to a wait: does it go round and round?`)
  }
}

const { createWorkflow } = reusable.ReusableVMWorkflowCreator.prototype
reusable.ReusableVMWorkflowCreator.prototype.createWorkflow = async function (options) {
  return watched(() => createWorkflow.call(this, options))
}

// Whatever a task does in a workflow is done before its first pause, so that the watch sees it.
const { activate } = shared.BaseVMWorkflow.prototype
shared.BaseVMWorkflow.prototype.activate = async function (activation) {
  try {
    const completion = await watched(() => activate.call(this, activation))
    return { ...completion, silent: this.activator.sinkCalls.length === 0 }
  } catch (error) {
    return { runId: this.runId, failed: { failure: this.activator.errorToFailure(error) } }
  }
}

// What is stopped in the middle leaves node's record of async calls in disorder, and node ends the process when it sees that.
// An error that nobody catches puts it in order. A port's listener cannot throw one; a tick can.
const { on } = parentPort
parentPort.on = (name, listener) =>
  on.call(parentPort, name, (message) => process.nextTick(hear, listener, message))

function hear(listener, message) {
  listener(message)
  if (!stopped) return
  stopped = false
  process.once('uncaughtException', () => undefined)
  throw new Error('a workflow was stopped in the middle')
}

await import('@temporalio/worker/lib/workflow/workflow-worker-thread.js')
