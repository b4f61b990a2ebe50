import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { temporal } from '@temporalio/proto'
import { apiClient } from '../../api/cli/client'
import { move, undo } from '../../api/cli/move'
import { status, wake } from '../../api/cli/rollout'
import { schemas } from '../../catalog/schemas'
import type { Build } from '../../workers/bundle'
import { check, type JourneyReport } from '../../workers/check'
import { samplesOf } from '../../workers/check/onward/samples'
import type { WorkingCopy } from '../../workers/check/working-copy'
import { differenceOf } from '../replay/replaying'
import { Act } from '../replay/act'
import { until } from '../support/until'
import { World } from '../support/world'
import { buildOf } from './builds'
import {
  type Cell,
  type Edit,
  edits,
  laterRevisions,
  type Position,
  positions,
  rowOf,
  shapes,
  sourceOf,
  staged,
  waitsAt,
} from './edits'

// Every cell of the guide's table: somebody waits there, a worker of the edited build takes over, and they live on, or do not.

const sources = edits.map(({ journey }) => [journey, sourceOf({ ...shapes[journey], journey })] as const)
const changed = edits.map(({ journey, change }, index) => [journey, change(sources[index]![1])] as const)

/** Those whose fates are alike share a customer, so that one move of the clock serves them all. */
const fates = ['quiet', 'lively', 'stuck'] as const
const fateIn = ({ then }: Cell): (typeof fates)[number] =>
  then === 'stuck' ? 'stuck' : 'outcome' in then ? 'lively' : 'quiet'

const customerOf = (cell: Cell, position: Position): string => `${fateIn(cell)}-${position}`
const cells = edits.flatMap((edit) => positions.map((position) => [edit.words, position, edit] as const))
const those = (position: Position, fate: string): Edit[] =>
  edits.filter((edit) => fateIn(edit.cells[position]) === fate)

let world: World
let both: World
let before: Build
let now: WorkingCopy

// Most of it is waiting, so all of it waits side by side.
beforeAll(async () => {
  ;[before, now] = await Promise.all([
    buildOf({ ...Object.fromEntries(sources), staged: staged.old }),
    buildOf({ ...Object.fromEntries(changed), staged: staged.now, ...laterRevisions }),
  ])
  await Promise.all([openWorld(), openBoth()])
}, 180_000)
afterAll(() => Promise.all([world?.close(), both?.close()]))

async function openWorld(): Promise<void> {
  world = await World.open({ build: before, database: 'postgres' })
  await Promise.all(fates.flatMap((fate) => positions.map((position) => park(fate, position))))
}

/** All whose fates are alike, at the same place. */
async function park(fate: string, position: Position): Promise<void> {
  const all = those(position, fate)
  const customer = `${fate}-${position}`
  if (all.length === 0) return
  await world.identify(customer, { email: `${customer}@example.com`, timezone: 'Europe/Berlin' })
  const enroll = ({ journey }: Edit) =>
    world.call('POST', `/v1/journeys/${journey}/enrollments`, { customerId: customer })
  await Promise.all(all.map(enroll))
  const greeted = async () => (await world.touchpoints(customer)).filter((one) => one === 'hello sent')
  await until(async () => (await greeted()).length === all.length, greeted)
  for (const place of positions.slice(1, positions.indexOf(position) + 1)) {
    await world.forward(customer, place === 'at' ? '3 days' : '5 days')
    await untilAll(customer, ({ step }) => step === waitsAt[place])
  }
}

interface Listed {
  readonly id: string
  readonly step: string | null
  readonly status: string
}

const listed = async (customer: string): Promise<Listed[]> =>
  (await world.call('GET', `/v1/enrollments?customerId=${customer}&limit=200`)).body.items

const untilAll = (customer: string, condition: (one: Listed) => boolean): Promise<void> =>
  until(
    async () => (await listed(customer)).every(condition),
    () => listed(customer),
  )

describe('check', () => {
  let reports: JourneyReport[]
  beforeAll(async () => {
    const { client, taskQueue, manifest } = world
    const deployed = new Map(Object.values(manifest.journeys).map(({ name, graph }) => [name, graph]))
    reports = await check({
      client,
      taskQueue,
      build: now,
      deployed,
      samples: samplesOf(schemas),
      progress: () => undefined,
    })
  })

  test.each(cells)('%s, %s', (_, position, { journey, cells }) => {
    const { steps } = reports.find((report) => report.journey === journey)!
    const here = steps.find(({ step }) => step === waitsAt[position])
    expect(here).toMatchObject({ [cells[position].is]: 1, unknown: 0 })
  })
})

describe('the new build', () => {
  beforeAll(async () => {
    await world.takeOver(now)
    await world.dispatchBy(now)
    await Promise.all(
      positions.flatMap((position) => [liveOn(position), bringNews(position), tryToLeave(position)]),
    )
  }, 120_000)

  const liveOn = async (position: Position): Promise<void> => {
    const customer = `quiet-${position}`
    // A task for each, so that none of the old worker is due when the clock moves: see Enrollment.rang.
    await Promise.all((await listed(customer)).map(({ id }) => woken(id)))
    await world.forward(customer, '30 days')
    await untilAll(customer, ({ status }) => status === 'ended')
  }
  const woken = async (id: string): Promise<void> => {
    const handle = world.client.workflow.getHandle(id)
    await handle.signal('wake')
    await until(async () => !(await handle.describe()).raw.pendingWorkflowTask)
  }
  const bringNews = async (position: Position): Promise<void> => {
    await world.event(`lively-${position}`, 'Order Completed', { order_id: 'o-1', total: 1 })
    await world.event(`lively-${position}`, 'Help Requested')
  }
  const tryToLeave = async (position: Position): Promise<void> => {
    if (those(position, 'stuck').length > 0) await world.event(`stuck-${position}`, 'Account Closed')
  }

  test.each(cells)('%s, %s', async (_, position, { journey, cells }) => {
    const cell = cells[position]
    const id = `${journey}:${customerOf(cell, position)}`
    if (cell.then === 'stuck') return isStuck(id)
    if ('outcome' in cell.then) return world.untilOutcomeOf(id, cell.then.outcome)
    expect(await sendsOf(id)).toBe(cell.then.sends)
    const { outcome } = (await world.store.enrollments.get(id))!
    if (cell.then.because) expect(outcome).toEqual({ is: 'completed', because: cell.then.because })
  })

  test.each([
    ['stepRevised', 'quiet-before', undefined],
    ['stepRevised', 'quiet-past', 'Nondeterminism'],
    ['stepForgotten', 'quiet-before', 'Nondeterminism'],
  ])('%s replays who went the new way of the revision, and no other: %s', async (later, customer, error) => {
    const history = await world.client.workflow.getHandle(`stepAddedByRevision:${customer}`).fetchHistory()
    history.events![0]!.workflowExecutionStartedEventAttributes!.workflowType = { name: later }
    const found = await differenceOf(later, history, now.workflowBundle)
    expect(found?.message ?? '').toMatch(error ?? /^$/)
  })

  test('who is not inside yet enters by the new rule', async () => {
    await world.event('new', 'Trial Started', { plan: 'solo' })
    expect(await world.outcomes('new')).toEqual({})
    await world.event('new', 'Trial Started', { plan: 'team' })
    expect(await world.outcomes('new')).toEqual({ entryChanged: 'running' })
  })
})

const { WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: notTheSame } =
  temporal.api.enums.v1.WorkflowTaskFailedCause

/** It could leave by its exit, and fails its task instead. */
async function isStuck(id: string): Promise<void> {
  const failures = async () =>
    ((await world.client.workflow.getHandle(id).fetchHistory()).events ?? []).map(
      ({ workflowTaskFailedEventAttributes: failed }) => failed?.cause,
    )
  await until(async () => (await failures()).includes(notTheSame), failures)
}

/** What was sent, with the days since the first. */
async function sendsOf(id: string): Promise<string> {
  const rows = (await world.touchpointRows(id.split(':')[1]!)).filter((row) => row.enrollmentId === id)
  const days = (at: number): number => Math.floor((at - rows[0]!.at) / 86_400_000)
  return rows.map(({ step, at }) => `${step} ${days(at)}`).join(', ')
}

test('the guide has this table', () => {
  const guide = readFileSync(path.join(__dirname, '../../docs/guides/change-a-live-journey.md'), 'utf8')
  const rows = guide.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())) // prettier-ignore
  expect(rows.slice(2)).toEqual(edits.map(rowOf))
  expect(rows[0]).toEqual(['edit', ...positions])
})

/** Customers of a journey in stages, where workers are versioned, and both builds run. */
async function openBoth(): Promise<void> {
  both = await World.open({ build: before, versioned: true, database: 'postgres' })
  await both.join(now)
  await rolled(before, 100)
  await Promise.all(['moves', 'breaks', 'sleeps'].map(enter))
  await both.event('breaks', 'Project Created')
  await standsAt('breaks', 'middle')
}

const buildIn = ({ manifest }: Build): string => manifest.build
const rolled = async (build: Build, percent: number): Promise<any> => {
  const order = { build: buildIn(build), percent, by: 'Mia' }
  await until(async () => (await both.call('POST', '/v1/rollout', order)).status === 200)
  return (await both.call('GET', '/v1/rollout')).body
}
const standsAt = (customer: string, step: string): Promise<void> =>
  new Act(both, customer, `staged:${customer}`).at(step)
const enter = async (customer: string): Promise<void> => {
  await both.identify(customer, { email: `${customer}@example.com` })
  await both.call('POST', '/v1/journeys/staged/enrollments', { customerId: customer })
  await standsAt(customer, 'start')
}

describe('builds side by side, where workers are versioned', () => {
  const api = () => apiClient(both.url, 'test')
  const insideOf = async (build: Build): Promise<any> =>
    (await both.call('GET', '/v1/rollout')).body.builds.find((each: any) => each.build === buildIn(build))

  test('a build is rolled out to some, and to all', async () => {
    expect(await rolled(now, 30)).toMatchObject({ current: buildIn(before), ramping: { build: buildIn(now), percent: 30 } }) // prettier-ignore
    expect(await rolled(now, 0)).toMatchObject({ current: buildIn(before), ramping: null })
    expect(await rolled(now, 100)).toMatchObject({ current: buildIn(now), ramping: null })
    expect((await both.call('POST', '/v1/rollout', { build: 'nobody', percent: 100 })).status).toBe(409)
  })

  test('a stage ends on the build that it began on, and the next begins on the new one', async () => {
    await both.event('moves', 'Project Created')
    await standsAt('moves', 'middle')
    await both.event('moves', 'Feature Used', { feature: 'export' })
    await both.untilTouchpoints('moves', ['second sent'])
    expect((await both.touchpointRows('moves'))[0]).toMatchObject({ message: 'trial/farewell' })
  })

  test('who sleeps on the old build is told by step', async () => {
    const steps = [
      { journey: 'staged', step: 'middle', running: 1 },
      { journey: 'staged', step: 'start', running: 1 },
    ]
    await until(async () => (await insideOf(before)).running === 2)
    expect(await insideOf(before)).toMatchObject({ state: 'draining', steps: expect.arrayContaining(steps) })
    expect(await status(api())).toContain(`${buildIn(before)}: draining, 2 inside\n`)
  })

  test('woken, they go on with the new build where it can, and stay where it cannot', async () => {
    const words = await wake(api(), { rate: 100, by: 'Mia', progress: () => undefined })
    expect(words.split('\n')).toEqual([
      `1 go on with ${buildIn(now)}`,
      '1 stay: the build cannot go on with its history',
    ])
    await both.event('sleeps', 'Project Created')
    await both.untilTouchpoints('sleeps', ['extra sent'])
    expect(await both.store.operations.ofCustomer('sleeps', 1)).toMatchObject([{ action: 'upgrade', by: 'Mia (key test)' }]) // prettier-ignore
    await both.event('breaks', 'Feature Used', { feature: 'export' })
    await both.untilTouchpoints('breaks', ['second sent'])
    await until(async () => (await insideOf(before)).running === 0)
    expect(await status(api())).toContain('0 inside; its workers may go')
  })

  test('many are moved to another stage, and back', async () => {
    const undoFile = path.join(mkdtempSync(path.join(tmpdir(), 'sojourn-move-')), 'undo')
    const asked = { toStage: 'two', where: ['stage=one'], rate: 100, dryRun: false, undoFile }
    const progress = (): void => undefined
    expect(await move(api(), 'staged', { ...asked, progress })).toContain('1 moved')
    await standsAt('sleeps', 'rest')
    expect(await undo(api(), undoFile, { rate: 100, progress })).toBe('1 undone')
    await standsAt('sleeps', 'start')
    rmSync(path.dirname(undoFile), { recursive: true })
  })
})

test('where workers are not versioned, it says so', async () => {
  expect((await world.call('GET', '/v1/rollout')).body).toMatchObject({ code: 'not-versioned' })
})
