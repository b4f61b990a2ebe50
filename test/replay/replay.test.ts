import { temporal } from '@temporalio/proto'
import { createLogger } from '../../logger'
import { installRuntime } from '../../workers/runtime'
import { build, differenceOf, type History, json, names, read, wordsOf } from './replaying'

type Event = temporal.api.history.v1.IHistoryEvent

beforeAll(() => installRuntime(createLogger('silent')))

/** Runs today's code against the history. Throws an Error that names the history, the steps where they part, and how. */
async function replay(name: string, history: History): Promise<void> {
  const error = await differenceOf(name, history)
  if (error) throw new Error(`${name} ${await placeOf(name, history)}: ${wordsOf(error)}`)
}

/** Replays as far as a worker had seen at each of its tasks, until they part. */
async function placeOf(name: string, { events }: History): Promise<string> {
  const ends = events!.flatMap((event, index) =>
    event.workflowTaskStartedEventAttributes ? [index + 1] : [],
  )
  let agreed = 0
  for (const end of [...ends, events!.length]) {
    if (await differenceOf(name, { events: events!.slice(0, end) }))
      return placeIn(events!.slice(agreed, end))
    agreed = end
  }
  return 'as a whole'
}

function placeIn(events: readonly Event[]): string {
  const steps = events.map(stepOf).filter(Boolean)
  return `between events ${events[0]!.eventId} and ${events.at(-1)!.eventId}, at ${steps.join(', ') || 'no step'}`
}

/** The summary that the engine gives to timers and activities. */
const stepOf = ({ userMetadata }: Event): string =>
  Buffer.from(userMetadata?.summary?.data ?? [])
    .toString()
    .replaceAll('"', '')

test('every shipped journey has recorded histories', () => {
  const journeys = new Set(names.map((name) => name.split('-')[0]))
  const manifest = json(build, 'manifest.json') as { journeys: object }
  expect([...journeys].sort()).toEqual(Object.keys(manifest.journeys).sort())
})

test('they cover orders of operators, further runs, and a send while the provider was away', () => {
  const all = names.flatMap((name) => read(name).events!)
  const updates = all.flatMap((event) => event.workflowExecutionUpdateAcceptedEventAttributes ?? [])
  expect(new Set(updates.map(({ acceptedRequest }) => acceptedRequest?.input?.name))).toEqual(
    new Set(['pause', 'resume', 'extend', 'skip', 'move', 'exit']),
  )
  expect(all.some((event) => event.workflowExecutionContinuedAsNewEventAttributes)).toBe(true)
  expect(all.some((event) => event.workflowExecutionSignaledEventAttributes)).toBe(true)
  expect(all.some((event) => event.timerFiredEventAttributes)).toBe(true)
  const activities = all.flatMap((event) => event.activityTaskScheduledEventAttributes ?? [])
  expect(activities.map(({ activityType }) => activityType?.name)).toContain('deliver')
})

test.each(names)('%s replays on today’s code', async (name) => {
  await replay(name, read(name))
})

describe('a history that today’s code would not make is found, with its step', () => {
  const silent = (): Event[] => read('trialOnboarding-silent').events!

  test('another command where a timer was', async () => {
    const events = silent()
    const timer = events.findLast((event) => event.timerStartedEventAttributes)!
    delete timer.timerStartedEventAttributes
    timer.eventType = temporal.api.enums.v1.EventType.EVENT_TYPE_MARKER_RECORDED
    timer.markerRecordedEventAttributes = { markerName: 'core_patch' }
    await expect(replay('changed', { events })).rejects.toThrow(
      /^changed between events .* at .*waitFor: decision.*: .*Nondeterminism error: Timer machine/,
    )
  })

  test('another activity where a send was', async () => {
    const events = silent()
    const markers = events.filter((event) => event.markerRecordedEventAttributes)
    const [told] = markers[1]!.markerRecordedEventAttributes!.details!.data!.payloads!
    told!.data = Buffer.from(Buffer.from(told!.data!).toString().replace('deliver', 'readProfile'))
    await expect(replay('changed', { events })).rejects.toThrow(
      /^changed between events .* at .*show-first-step: .*: .*Nondeterminism error: Activity type/,
    )
  })
})
