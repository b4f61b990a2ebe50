import type { temporal } from '@temporalio/proto'
import type { EnrollmentInput, ProfileChange } from '../../../sdk/enrollment'
import type { EventFact } from '../../../sdk/event'
import { localActivityIn, type Made, valueIn } from '../commands'

type History = temporal.api.history.v1.IHistory
type Event = temporal.api.history.v1.IHistoryEvent

/** What came to an enrollment, as its history tells it. `at`: `verb step` of what it answers, in the new code's words. */
export type Happening =
  | { readonly is: 'time'; readonly now: number }
  | { readonly is: 'event'; readonly event: EventFact }
  | { readonly is: 'profile'; readonly change: ProfileChange }
  | { readonly is: 'rules' }
  | { readonly is: 'order'; readonly name: string; readonly order: Order }
  | { readonly is: 'rang'; readonly at: string }
  | { readonly is: 'answered'; readonly at: string; readonly value: unknown }
  | { readonly is: 'failed'; readonly at: string; readonly because: string }

interface Order {
  readonly step?: string
  readonly duration?: string
}

/** A life so far. */
export interface LifeSoFar {
  readonly id: string
  readonly input: EnrollmentInput
  readonly happenings: readonly Happening[]
  /** Ids of revisions that it went the new way at. */
  readonly revisions: ReadonlySet<string>
  /** `verb step` of the timers that have not rung. */
  readonly waits: readonly string[]
}

/** Reads it from a history, and from what the new code made of that. */
export function lifeSoFar(
  id: string,
  history: History,
  made: readonly Made[],
  open: ReadonlySet<string>,
): LifeSoFar {
  const [begun] = history.events!
  const names = new Map(made.map((each) => [each.id, nameOf(each)]))
  return {
    id,
    input: valueIn(begun!.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]) as EnrollmentInput,
    happenings: happeningsIn(history.events!, names),
    revisions: new Set(history.events!.flatMap(revisionIn)),
    waits: made.filter((each) => each.kind === 'timer' && open.has(each.id)).map(nameOf),
  }
}

const nameOf = ({ verb, step }: Made): string => `${verb} ${step}`

type Names = ReadonlyMap<string, string>

/** What comes between two tasks is told when the next begins; signals come first, as the SDK has it. */
function happeningsIn(events: readonly Event[], names: Names): Happening[] {
  const done = new Set(
    events.map((event) => String(event.workflowTaskCompletedEventAttributes?.startedEventId)),
  )
  // Where no task has been done, it begins now.
  const told: Happening[] = [{ is: 'time', now: timeOf(events[0]!) }]
  let due: Happening[] = []
  for (const event of events) {
    if (event.workflowTaskStartedEventAttributes && done.has(String(event.eventId))) {
      const signals = due.filter(({ is }) => is === 'event' || is === 'profile' || is === 'rules')
      told.push(
        { is: 'time', now: timeOf(event) },
        ...signals,
        ...due.filter((each) => !signals.includes(each)),
      )
      due = []
    } else {
      due.push(...comesIn(event, events, names))
      told.push(...madeIn(event, names))
    }
  }
  return told
}

const timeOf = ({ eventTime }: Event): number =>
  Number(eventTime?.seconds ?? 0) * 1_000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000)

/** From outside, between two tasks. */
function comesIn(event: Event, events: readonly Event[], names: Names): Happening[] {
  const { workflowExecutionSignaledEventAttributes: signal, timerFiredEventAttributes: fired } = event
  if (signal) return signalIn(signal.signalName ?? '', valueIn(signal.input?.payloads?.[0]))
  const rang = fired ? names.get(`timer ${fired.timerId}`) : undefined
  if (rang !== undefined) return [{ is: 'rang', at: rang }]
  const done = event.activityTaskCompletedEventAttributes
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
  const scheduled = (done ?? failed)?.scheduledEventId
  if (scheduled == null) return []
  const asked = events.find(({ eventId }) => String(eventId) === String(scheduled))
  const at = names.get(`activity ${asked?.activityTaskScheduledEventAttributes?.activityId}`) ?? ''
  if (done) return [{ is: 'answered', at, value: valueIn(done.result?.payloads?.[0]) }]
  return [{ is: 'failed', at, because: failed?.failure?.message || 'failed' }]
}

function signalIn(name: string, value: unknown): Happening[] {
  if (name === 'event') return [{ is: 'event', event: value as EventFact }]
  if (name === 'profileChanged') return [{ is: 'profile', change: value as ProfileChange }]
  return name === 'contactRulesChanged' ? [{ is: 'rules' }] : []
}

/** Within a task: what was done inline, and operators' orders. What was busy, or failed inline, is done patiently later. */
function madeIn(event: Event, names: Names): Happening[] {
  const { acceptedRequest } = event.workflowExecutionUpdateAcceptedEventAttributes ?? {}
  const { name, args } = acceptedRequest?.input ?? {}
  if (name) return [{ is: 'order', name, order: valueIn(args?.payloads?.[0]) as Order }]
  const local = localActivityIn(event)
  const { details, failure } = event.markerRecordedEventAttributes ?? {}
  const at = local && names.get(`local ${local.seq}`)
  if (at === undefined || failure) return []
  const value = valueIn(details?.['result']?.payloads?.[0])
  return (value as { is?: unknown } | undefined)?.is === 'busy' ? [] : [{ is: 'answered', at, value }]
}

function revisionIn({ markerRecordedEventAttributes: marker }: Event): string[] {
  if (marker?.markerName !== 'core_patch') return []
  return [(valueIn(marker.details?.['patch-data']?.payloads?.[0]) as { id: string }).id]
}
