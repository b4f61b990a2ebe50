import type { TaskWebhook } from '../../channels'
import type { Logger } from '../../logger'
import type { Store, TaskToTell } from '../../store/store'
import { fromTimeToTime } from './from-time-to-time'
import { forEach } from './side-by-side'

const EVERY_MS = 1_000
const ESCALATED_AT_ONCE = 200
const TOLD_A_ROUND = 100
const TOLD_AT_ONCE = 10
/** A dispatcher that died is stood in for after so long. */
const LEASE_MS = 60_000
const SOONEST_MS = 1_000
const LATEST_MS = 10 * 60_000

interface TasksDeps {
  readonly store: Store
  readonly logger: Logger
}

/** Moves calls that nobody claimed in time to where they escalate to. */
export const startEscalating = ({ store, logger }: TasksDeps): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    work: () => store.tasks.escalate(ESCALATED_AT_ONCE),
    putOff: 'escalation of tasks put off',
    logger,
  })

/** Tells the call centre's software what became of tasks. */
export const startTelling = (deps: TasksDeps & { webhook: TaskWebhook }): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    work: async () =>
      forEach(await deps.store.tasks.toTell(TOLD_A_ROUND, LEASE_MS), TOLD_AT_ONCE, (task) =>
        tell(deps, task),
      ),
    putOff: 'telling of tasks put off',
    logger: deps.logger,
  })

async function tell(
  { store, webhook, logger }: TasksDeps & { webhook: TaskWebhook },
  task: TaskToTell,
): Promise<void> {
  const customer = await store.customers.get(task.customerId)
  const { phone } = customer?.traits ?? {}
  const answer = await webhook.tell({ id: `${task.ref}-${task.changes}`, body: newsOf(task, phone) })
  if (answer.is === 'accepted') return store.tasks.told(task)
  logger.warn({ task: task.ref, because: answer.because }, 'the call centre was not told of a task')
  await store.tasks.tellLater(task, ('retryAfterMs' in answer && answer.retryAfterMs) || waitFor(task))
}

/** As long again as it has been news. */
const waitFor = ({ log, recordedAt }: TaskToTell): number =>
  Math.min(Math.max(Date.now() - (log.at(-1)?.at ?? recordedAt), SOONEST_MS), LATEST_MS)

const newsOf = (task: TaskToTell, phone: unknown): object => ({
  type: typeOf(task),
  timestamp: new Date(task.log.at(-1)?.at ?? task.recordedAt).toISOString(),
  data: {
    id: task.ref,
    queue: task.queue,
    priority: task.priority,
    status: task.status,
    agent: task.agent,
    customerId: task.customerId,
    phone: typeof phone === 'string' ? phone : null,
    journey: task.journey,
    step: task.step,
    script: task.script,
    context: task.context,
    outcomes: task.outcomes,
    outcome: task.outcome,
    dueAt: new Date(task.dueAt).toISOString(),
  },
})

function typeOf({ status, known }: TaskToTell): string {
  if (status !== 'open' && status !== 'claimed') return 'task.closed'
  return known ? 'task.changed' : 'task.opened'
}
