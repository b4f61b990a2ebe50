import { type coresdk, temporal } from '@temporalio/proto'

type History = temporal.api.history.v1.IHistory
type Event = temporal.api.history.v1.IHistoryEvent
type Command = coresdk.workflow_commands.IWorkflowCommand
type Metadata = temporal.api.sdk.v1.IUserMetadata | null | undefined

/** A command, as it stands in a history, or as the code makes it again. */
export interface Made {
  /** `timer 2`: what it is, and the how-manieth; a history and the code that made it agree in these. */
  readonly id: string
  readonly kind: 'timer' | 'activity' | 'shown' | 'over'
  readonly verb: string
  readonly step: string
}

const attribute = 'SojournStep'
/** The SDK itself keeps the ids of revisions in it: no code asks for that. */
const ofRevisions = 'TemporalChangeVersion'

/** What a history holds until its last task was done: all that came later is news to any code. */
export interface Recorded {
  readonly history: History
  readonly made: readonly Made[]
  /** Ids of what has begun and not ended. */
  readonly open: ReadonlySet<string>
  /** Whether a task was due when it was read, so that more may have been done than is written. */
  readonly inMotion: boolean
  /** Whether it has ended, or goes on in another run. */
  readonly isOver: boolean
}

export function recorded({ events }: History): Recorded {
  const all = events ?? []
  const done = all.findLastIndex((event) => event.workflowTaskCompletedEventAttributes)
  const length = all.findIndex((event, index) => index > done && isNews(event))
  const history = { events: length < 0 ? all : all.slice(0, length) }
  const made = madeIn(history)
  const ended = new Set(history.events.map((event) => endedIn(event, history.events)))
  const isOpen = ({ id }: Made): boolean => /^(timer|activity) /.test(id) && !ended.has(id)
  return {
    history,
    made,
    open: new Set(made.filter(isOpen).map(({ id }) => id)),
    isOver: /_(COMPLETED|FAILED|CANCELED|TERMINATED|CONTINUED_AS_NEW|TIMED_OUT)$/.test(endOf(all)),
    inMotion: all.slice(done + 1).some((event) => event.workflowTaskScheduledEventAttributes),
  }
}

/** The last event, where it is one of the workflow itself. */
function endOf(events: readonly Event[]): string {
  const { eventType } = events.at(-1) ?? {}
  const name = eventType == null ? '' : temporal.api.enums.v1.EventType[eventType]
  return name.startsWith('EVENT_TYPE_WORKFLOW_EXECUTION_') ? name : ''
}

const isNews = (event: Event): boolean =>
  !!(
    event.workflowTaskScheduledEventAttributes ||
    event.workflowExecutionSignaledEventAttributes ||
    event.timerFiredEventAttributes ||
    event.activityTaskStartedEventAttributes ||
    event.activityTaskCompletedEventAttributes ||
    event.activityTaskFailedEventAttributes ||
    event.activityTaskTimedOutEventAttributes ||
    event.workflowExecutionCancelRequestedEventAttributes ||
    event.workflowExecutionTimeSkippingTransitionedEventAttributes
  )

function endedIn(event: Event, events: readonly Event[]): string | undefined {
  const timer = event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes
  if (timer) return `timer ${timer.timerId}`
  const activity =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  const begun =
    activity && events.find(({ eventId }) => String(eventId) === String(activity.scheduledEventId))
  return begun ? `activity ${begun.activityTaskScheduledEventAttributes?.activityId}` : undefined
}

/** What the engine says of a timer is `verb: step`, of an activity `step: what`. */
function made(kind: 'timer' | 'activity', id: string, metadata: Metadata, type = ''): Made {
  const summary = textIn(metadata?.summary)
  const [, verb, step] = /^(waitFor|sleep|sleepUntil|send|task|holdout): (.*)$/s.exec(summary) ?? []
  if (kind === 'timer' && step !== undefined) return { id, kind, verb: verb!, step }
  return { id, kind, verb: type, step: summary.split(': ')[0]! }
}

type Payload = temporal.api.common.v1.IPayload | null | undefined

/** What was written as JSON; undefined where nothing was. */
export function valueIn(payload: Payload): unknown {
  const written = Buffer.from(payload?.data ?? []).toString()
  return written === '' ? undefined : (JSON.parse(written) as unknown)
}

function textIn(payload: Payload): string {
  const written = Buffer.from(payload?.data ?? []).toString()
  try {
    const value = JSON.parse(written) as unknown
    return String(Array.isArray(value) ? value[0] : value)
  } catch {
    return written
  }
}

/** What a history says was made. */
export function madeIn({ events }: History): Made[] {
  let shown = 0
  return (events ?? []).flatMap((event): Made[] => {
    const { timerStartedEventAttributes: timer, activityTaskScheduledEventAttributes: activity } = event
    if (timer) return [made('timer', `timer ${timer.timerId}`, event.userMetadata)]
    if (activity) return [made('activity', `activity ${activity.activityId}`, event.userMetadata, activity.activityType?.name ?? '')] // prettier-ignore
    const local = localActivityIn(event)
    if (local) return [made('activity', `local ${local.seq}`, event.userMetadata, local.activity_type)]
    const upsert = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields
    return upsert && !(ofRevisions in upsert) ? [shownIn(upsert, ++shown)] : []
  })
}

interface LocalActivity {
  readonly seq: number
  readonly activity_type: string
}

export function localActivityIn({ markerRecordedEventAttributes: marker }: Event): LocalActivity | undefined {
  if (marker?.markerName !== 'core_local_activity') return undefined
  return valueIn(marker.details?.['data']?.payloads?.[0]) as LocalActivity | undefined
}

const shownIn = (fields: Readonly<Record<string, Payload>>, count: number): Made => ({
  id: `shown ${count}`,
  kind: 'shown',
  verb: attribute in fields ? 'shows' : 'status',
  step: attribute in fields ? textIn(fields[attribute]) : '',
})

/** What the code made, activation after activation. */
export function madeBy(commands: readonly Command[]): Made[] {
  let shown = 0
  return commands.flatMap((command): Made[] => {
    const { startTimer, scheduleActivity, scheduleLocalActivity, userMetadata } = command
    if (startTimer) return [made('timer', `timer ${startTimer.seq}`, userMetadata)]
    if (scheduleActivity) return [made('activity', `activity ${scheduleActivity.seq}`, userMetadata, scheduleActivity.activityType ?? '')] // prettier-ignore
    if (scheduleLocalActivity) return [made('activity', `local ${scheduleLocalActivity.seq}`, userMetadata, scheduleLocalActivity.activityType ?? '')] // prettier-ignore
    const upsert = command.upsertWorkflowSearchAttributes?.searchAttributes
    if (upsert)
      return [
        shownIn(
          (upsert as { indexedFields?: Record<string, Payload> }).indexedFields ?? (upsert as never),
          ++shown,
        ),
      ]
    return isOver(command) ? [{ id: 'over', kind: 'over', verb: 'over', step: '' }] : []
  })
}

const isOver = (command: Command): boolean =>
  !!(
    command.completeWorkflowExecution ||
    command.failWorkflowExecution ||
    command.continueAsNewWorkflowExecution ||
    command.cancelWorkflowExecution
  )
