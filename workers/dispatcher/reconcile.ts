import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Outcome } from '../../sdk/outcome'

/** The outcome of a workflow that is closed, as far as Temporal knows; undefined while it runs. */
export async function closedOutcome(client: Client, workflowId: string): Promise<Outcome | undefined> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    const { status } = await handle.describe()
    if (status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW' || status.name === 'PAUSED')
      return undefined
    if (status.name === 'COMPLETED') return (await handle.result()) as Outcome
    return {
      is: 'failed',
      because: `the workflow was ${status.name.toLowerCase().replace('_', ' ')} in Temporal`,
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      return { is: 'failed', because: 'Temporal no longer has the workflow' }
    throw error
  }
}
