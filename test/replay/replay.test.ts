import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { temporal } from '@temporalio/proto'
import { bundleWorkflowCode, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import { createLogger } from '../../logger'
import { installRuntime, temporalLogger } from '../../workers/runtime'
import { restored } from './histories'

type History = temporal.api.history.v1.IHistory
type Event = temporal.api.history.v1.IHistoryEvent

const histories = path.join(__dirname, 'histories')
const build = process.env.SOJOURN_TEST_FOLDER!
const names = readdirSync(histories).map((file) => path.basename(file, '.json'))

beforeAll(() => installRuntime(createLogger('silent')))

const json = (...file: string[]): unknown => JSON.parse(readFileSync(path.join(...file), 'utf8'))
const read = (name: string): History => restored(json(histories, `${name}.json`))

/** Runs today's code against the history. Throws an Error that names the history, the steps where they part, and how. */
async function replay(name: string, history: History): Promise<void> {
  const error = await differenceOf(name, history)
  if (error) throw new Error(`${name} ${await placeOf(name, history)}: ${wordsOf(error)}`)
}

const today: WorkflowBundleOption = { codePath: path.join(build, 'workflows.js') }

async function differenceOf(
  name: string,
  history: History,
  workflowBundle = today,
): Promise<Error | undefined> {
  return Worker.runReplayHistory({ workflowBundle, replayName: name }, history, name).then(
    () => undefined,
    (error: Error) => error,
  )
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

const wordsOf = ({ message }: Error): string => /\[TMPRL\d+\] [^"\\]+/.exec(message)?.[0] ?? message

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

describe.each([
  ['longer', 3],
  ['shorter', 1 / 3],
])('with every wait made %s', (_, factor) => {
  let workflowBundle: WorkflowBundleOption
  beforeAll(async () => {
    workflowBundle = await bundleOf((journey) =>
      // The last argument of a wait or a sleep; a goal's or a cool-down's time stands in braces.
      journey.replace(
        /'(\d+) (hour|day)s?'(,?\s*\))/g,
        (_, count, unit, end) => `'${count * factor * (unit === 'day' ? 24 * 60 : 60)} minutes'${end}`,
      ),
    )
  })

  test.each(names)('%s replays', async (name) => {
    expect(await differenceOf(name, read(name), workflowBundle)).toBeUndefined()
  })
})

/** The workflows with each journey's source changed. */
async function bundleOf(changed: (source: string) => string): Promise<WorkflowBundleOption> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-replay-'))
  const root = path.join(__dirname, '../..')
  for (const name of ['catalog', 'sdk', 'workflows'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const journeys = path.join(folder, 'workflows', 'journeys')
  const before = readdirSync(journeys).map((file) => path.join(journeys, file))
  const edited = before.filter((file) => {
    const source = readFileSync(file, 'utf8')
    writeFileSync(file, changed(source))
    return changed(source) !== source
  })
  if (edited.length === 0) throw new Error('nothing was changed')
  const logger = temporalLogger(createLogger('silent'))
  const bundle = await bundleWorkflowCode({ workflowsPath: path.join(folder, 'workflows'), logger })
  rmSync(folder, { recursive: true, force: true })
  return bundle
}
