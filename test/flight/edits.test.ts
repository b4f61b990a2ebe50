import { readFileSync } from 'node:fs'
import path from 'node:path'
import { temporal } from '@temporalio/proto'
import { schemas } from '../../catalog/schemas'
import type { Build } from '../../workers/bundle'
import { check, type JourneyReport } from '../../workers/check'
import { samplesOf } from '../../workers/check/onward/samples'
import type { WorkingCopy } from '../../workers/check/working-copy'
import { differenceOf } from '../replay/replaying'
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
let before: Build
let now: WorkingCopy

// Most of it is waiting, so all of it waits side by side.
beforeAll(async () => {
  ;[before, now] = await Promise.all([
    buildOf(Object.fromEntries(sources)),
    buildOf({ ...Object.fromEntries(changed), ...laterRevisions }),
  ])
  world = await World.open({ build: before })
  await Promise.all(fates.flatMap((fate) => positions.map((position) => park(fate, position))))
}, 180_000)
afterAll(() => world?.close())

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

test('where workers are not versioned, it says so', async () => {
  expect((await world.call('GET', '/v1/rollout')).body).toMatchObject({ code: 'not-versioned' })
})
