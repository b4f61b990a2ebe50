import { spawn } from 'node:child_process'
import path from 'node:path'
import { temporal } from '@temporalio/proto'
import type { JourneyGraph } from '../../sdk'
import { schemas } from '../../catalog/schemas'
import { check, type JourneyReport } from '../../workers/check'
import { samplesOf } from '../../workers/check/onward/samples'
import { wordsOf } from '../../workers/check/words'
import type { WorkingCopy } from '../../workers/check/working-copy'
import { Act } from '../replay/act'
import { until } from '../support/until'
import { World } from '../support/world'
import { changedBuild } from './changed'
import { type Case, cases, type Place, places } from './edits'

// What `check` says, against what happens when a worker of the new build takes over. In each case a customer stands at each place.

/** Where somebody stands, in each case. */
const standing = {
  'delays, messages and labels changed, a step added at the end, and one from an instant on': [
    'first-project',
    'decision',
  ],
  'a wait and a send renamed': ['habit'],
  'a step added in the middle': ['before-the-end', 'decision'],
  'a wait removed, with what came of it': ['first-project', 'habit', 'before-the-end'],
} as const satisfies Partial<Record<keyof typeof cases, readonly Place[]>>

type Tried = keyof typeof standing
const tried = Object.keys(standing) as Tried[]
const [changed, renamed, added, removed] = tried as [Tried, Tried, Tried, Tried]
const taken = Object.values<readonly Place[]>(standing).flat()

let world: World
const acts = new Map<string, Act>()
const builds = new Map<string, WorkingCopy>()

const actOf = (name: string, place: Place): Act => acts.get(`${name} ${place}`)!

beforeAll(async () => {
  world = await World.open()
  const living = tried.flatMap((name, index) =>
    standing[name].map(async (place) => {
      const customer = `c${index}-${place}`
      const act = new Act(world, customer, `trialOnboarding:${customer}`)
      acts.set(`${name} ${place}`, act)
      await act.identify()
      await act.event('Trial Started', { plan: 'team' })
      await liveTo(act, place)
    }),
  )
  await Promise.all(living)
  for (const name of tried) builds.set(name, await changedBuild(cases[name].edits))
}, 180_000)
afterAll(() => world?.close())

/** From wake-up to wake-up; nothing is ever heard. */
async function liveTo(act: Act, place: Place): Promise<void> {
  for (const each of places) {
    await act.at(each)
    if (each === place) return
    await world.call('POST', `/v1/customers/${act.customer}/fast-forward`, { to: 'next' })
  }
}

const deployed = (): Map<string, JourneyGraph | undefined> =>
  new Map(Object.values(world.manifest.journeys).map(({ name, graph }) => [name, graph]))

async function reportOn(name: string, sample?: number): Promise<JourneyReport> {
  const { client, taskQueue } = world
  const seen: number[] = []
  const progress = (done: number): void => void seen.push(done)
  const reports = await check({
    client,
    taskQueue,
    build: builds.get(name)!,
    deployed: deployed(),
    sample,
    samples: samplesOf(schemas),
    progress,
  })
  expect(seen.length).toBeGreaterThan(0)
  return reports.find(({ journey }) => journey === 'trialOnboarding')!
}

const atPlace = ({ steps }: JourneyReport, place: string) => steps.find(({ step }) => step === place)!

test.each(tried)('%s is judged as of each place', async (name) => {
  const report = await reportOn(name)
  const { safeAt }: Case = cases[name]
  expect(report).toMatchObject({ running: taken.length, looked: taken.length })
  for (const place of new Set(taken)) {
    const here = taken.filter((each) => each === place).length
    const expected = safeAt.includes(place) ? { safe: here, breaks: 0 } : { safe: 0, breaks: here }
    expect(atPlace(report, place)).toMatchObject({ ...expected, unknown: 0 })
  }
  const isSafe = taken.every((place) => safeAt.includes(place))
  expect(report.verdict).toBe(isSafe ? 'safe' : 'breaks')
  expect(report.advice.length > 0).toBe(!isSafe)
})

test('a sample tells how many of all may break', async () => {
  const report = await reportOn(renamed, 4)
  expect(report).toMatchObject({ verdict: 'safe', looked: 4, safe: 4 })
  expect(report.mayBreak).toBeCloseTo(1 - 0.05 ** (1 / 4), 6)
  expect(wordsOf([report])).toContain('0 of 4 break; of all at most 52.71 %')
})

test('the command tells of this working copy, which is what runs, for machines', async () => {
  const command = path.join(__dirname, '../../api/cli/sojourn.mjs')
  const env = {
    PATH: process.env.PATH,
    API_KEY: 'test',
    TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL,
    TASK_QUEUE: world.taskQueue,
  }
  const child = spawn(process.execPath, [command, 'check', '--json', '--url', world.url], { env })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringContaining(`${taken.length} of ${taken.length}`),
  })
  const found = (JSON.parse(out) as JourneyReport[]).find(({ journey }) => journey === 'trialOnboarding')
  expect(found).toMatchObject({ verdict: 'safe', safe: taken.length, differences: [], advice: [] })
})

/** Lives on to the end of the journey; gives the steps at which something was sent, with the days since the beginning. */
async function livesOn(act: Act): Promise<[string, number][]> {
  await act.onToEnd()
  const rows = await world.touchpointRows(act.customer)
  return rows.map(({ step, at }) => [step, Math.floor((at - rows[0]!.at) / 86_400_000)])
}

/** Leaves by its exit, as every enrollment that works does; what can't go on fails its task instead. */
async function isStuck(act: Act): Promise<void> {
  await act.event('Account Closed')
  const handle = world.client.workflow.getHandle(`trialOnboarding:${act.customer}`)
  const cause =
    temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
  await until(
    async () =>
    ((await handle.fetchHistory()).events ?? []).some((event) => event.workflowTaskFailedEventAttributes?.cause === cause), // prettier-ignore
  )
}

const stepsOf = (lived: readonly [string, number][]): string[] => lived.map(([step]) => step)

describe('when a worker of the new build takes over', () => {
  test.each([changed, renamed])('%s: everybody lives on to the end', async (name) => {
    await world.takeOver(builds.get(name)!)
    const lived = await Promise.all(standing[name].map((place) => livesOn(actOf(name, place))))
    for (const steps of lived.map(stepsOf)) {
      expect(steps).toEqual(expect.arrayContaining(['welcome', 'trial-ends', 'farewell']))
      expect(steps.includes('extra')).toBe(name === changed)
    }
  })

  test('a step added in the middle: who is before it gets it, who is past it is stuck', async () => {
    await world.takeOver(builds.get(added)!)
    await isStuck(actOf(added, 'decision'))
    expect(stepsOf(await livesOn(actOf(added, 'before-the-end')))).toContain('extra')
  })

  test('a wait removed: who stands there goes on too early, who is past it misses something', async () => {
    await world.takeOver(builds.get(removed)!)
    const [unharmed, early, wrong] = await Promise.all(
      standing[removed as 'a wait removed, with what came of it'].map((place) =>
        livesOn(actOf(removed, place)),
      ),
    )
    expect(new Map(unharmed).get('trial-ends')).toBeGreaterThanOrEqual(11)
    expect(new Map(early).get('trial-ends')).toBeLessThan(11)
    expect(stepsOf(wrong!)).not.toContain('trial-ends')
  })
})
