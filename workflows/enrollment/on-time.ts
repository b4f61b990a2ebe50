import { workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow'
import { askedTooSoon } from '../../sdk/enrollment'

// A clock that was set back by less than this makes time stand still for a while, and no task is refused for that.
const SET_BACK_MS = 60_000

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
          // eslint-disable-next-line no-restricted-properties -- this is about the workflow's clock itself
          const now = Date.now()
          const ahead = now - unsafe.now()
          const stands = now === time && (ahead < 0 || ahead > SET_BACK_MS)
          if (stands && historyLength > events && !unsafe.isReplaying) throw new Error(askedTooSoon)
          time = now
          events = historyLength
          next(input)
        },
      },
    ],
  }
}
