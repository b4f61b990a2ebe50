import type { Client } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'
import type { EnrollmentInput } from '../../sdk/enrollment'

/** As which entry, and by which event, the newest workflow of this id was started. Rejects with a gRPC error, NOT_FOUND for none. */
export async function startedBy(
  client: Client,
  workflowId: string,
): Promise<{ readonly entry: number; readonly messageId: string }> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  })
  const [given] = history!.events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!
  const { entry, trigger } = defaultPayloadConverter.fromPayload<EnrollmentInput>(given!)
  return { entry, messageId: trigger.messageId }
}
