import { type WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { ownZone } from '../../sdk/contact'
import { isKeptOut } from '../../sdk/definition'
import type { EventFact } from '../../sdk/event'
import type { JourneyOutline } from '../../sdk/manifest'
import type { CustomerRow, EnrollmentRow } from '../../store/store'
import type { EnrollmentInput } from '../../workflows/enrollment/protocol'
import { searchAttributes } from '../search-attributes'
import type { EnrollmentsDeps } from './enrollments'

/** How an enrollment's workflow is started: everything an operator filters by is set at once, which costs no history event. */
export function startOptions(
  row: EnrollmentRow,
  trigger: EventFact,
  outline: Pick<JourneyOutline, 'description' | 'firstWait' | 'holdout'>,
  customer: CustomerRow | undefined,
  deps: Pick<EnrollmentsDeps, 'taskQueue' | 'defaultTimeZone' | 'customerRef'>,
): WorkflowStartOptions<(input: EnrollmentInput) => Promise<unknown>> & { args: [EnrollmentInput] } {
  const input: EnrollmentInput = {
    customerId: row.customerId,
    key: row.key ?? undefined,
    entry: row.entry,
    trigger,
    timeZone: customer && ownZone(customer.traits),
    // As it was recorded: the share may have changed since, and the report counts by the record.
    heldOut: row.heldOut ?? isKeptOut(row.journey, row.customerId, outline.holdout),
    defaultTimeZone: deps.defaultTimeZone,
    clockOffsetMs: customer?.clockOffsetMs ?? 0,
  }
  return {
    workflowId: row.id,
    taskQueue: deps.taskQueue,
    args: [input],
    // The store decides on re-entry; Temporal guards the first entry, so that a late repeat can't start it again.
    workflowIdReusePolicy: row.entry === 1 ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: `${row.journey}: ${outline.description}`.slice(0, 190),
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.journey, value: row.journey },
      { key: searchAttributes.customer, value: deps.customerRef(row.customerId) },
      { key: searchAttributes.status, value: 'running' },
      ...(outline.firstWait ? [{ key: searchAttributes.step, value: outline.firstWait }] : []),
    ]),
  }
}
