import { workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow'
import { askedTooSoon } from '../../sdk/enrollment'

/**
 * Lets an enrollment act at no time but its own; see docs/decisions/0029-on-time.md. A question may bring what its worker
 * has not seen yet, before the task for it begins; the SDK (1.24) does that at the time of the task before, which may be
 * months ago. Such a question fails, its worker forgets the enrollment, and the task then does it all at its time.
 */
export function interceptors(): WorkflowInterceptors {
  let time = 0
  let events = 0
  return {
    internals: [
      {
        activate(input, next) {
          const { historyLength, unsafe } = workflowInfo()
          // eslint-disable-next-line no-restricted-properties -- compares the workflow's clock with the wall's
          const now = Date.now()
          const hasNoTaskYet = historyLength > events && now === time && unsafe.now() > now
          if (hasNoTaskYet && events > 0 && !unsafe.isReplaying) throw new Error(askedTooSoon)
          time = now
          events = historyLength
          next(input)
        },
      },
    ],
  }
}
