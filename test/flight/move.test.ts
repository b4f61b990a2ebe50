import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { apiClient } from '../../api/cli/client'
import { move, undo, type Moving } from '../../api/cli/move'
import { whereOf } from '../../api/cli/move/plan'
import { paced } from '../../api/cli/paced'
import type { Updated } from '../../api/temporal-gateway'
import { enrollmentId } from '../../sdk'
import type { Store } from '../../store/store'
import { FakeTemporal, keys, manifest, outline, statusOf, stopAll, testApi } from '../api/support'
import { freshStore } from '../support/postgres'

const journey = 'trialOnboarding'
const stages = ['start', 'middle', 'end']

/** Enrollments that obey the order to move, as the engine does. */
class Obeying extends FakeTemporal {
  /** Away once so many orders were carried out. */
  mostOrders = Infinity

  override async update(id: string, name: string, input: object, updateId: string): Promise<Updated> {
    if (this.updates.length >= this.mostOrders) this.away = true
    const repeated = this.updates.some((each) => each.updateId === updateId)
    const done = await super.update(id, name, input, updateId)
    const { stage, from } = input as { stage: string; from?: string }
    const status = this.statuses.get(id)!
    if (repeated) return done
    if (from !== undefined && from !== status.stage)
      return { is: 'refused', because: `Refused: it is in stage ${status.stage} by now` }
    this.statuses.set(id, { ...status, stage })
    return { is: 'done', status: { ...status, stage } }
  }
}

let store: Store
let temporal: Obeying
let api: ReturnType<typeof apiClient>
let folder: string
const said: string[] = []

beforeAll(async () => void (store = await freshStore()))
afterAll(() => store.close())

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sojourn-move-'))
  temporal = new Obeying()
  const journeys = { [journey]: outline(journey, { stages }), cartRecovery: outline('cartRecovery') }
  const { url } = await testApi({ store, temporal, keys, manifest: async () => ({ ...manifest, journeys }) })
  api = apiClient(url, 'operate-key')
})
afterEach(async () => {
  await stopAll()
  rmSync(folder, { recursive: true })
})

async function inside(customer: string, stage: string, build = 'build-1'): Promise<string> {
  const id = enrollmentId(journey, customer)
  const known = { id, journey, customerId: customer, build, enrolledBy: customer, reentry: 'once' as const }
  await store.enrollments.enter({ ...known, now: Date.now() })
  await store.enrollments.started(id, 1)
  temporal.statuses.set(id, statusOf(id, { stage }))
  return id
}

const moving = (more: Partial<Moving> = {}): Moving => ({
  toStage: 'end',
  where: [],
  rate: 1_000,
  dryRun: false,
  undoFile: path.join(folder, 'undo'),
  by: 'Mia',
  reason: 'a new end',
  progress: (words) => void said.push(words),
  ...more,
})

const stageOf = (id: string) => temporal.statuses.get(id)?.stage

test('a dry run says whom it would move, and moves nobody', async () => {
  const ids = [await inside('d1', 'start'), await inside('d2', 'middle'), await inside('d3', 'end')]
  const where = ['customers=d1,d2,d3']
  const words = await move(api, journey, moving({ dryRun: true, where }))
  expect(words).toBe('2 would be moved to end; 1 are in it already\n  1 from middle\n  1 from start')
  expect(ids.map(stageOf)).toEqual(['start', 'middle', 'end'])
  expect(existsSync(path.join(folder, 'undo'))).toBe(false)
})

test('those who are meant are moved, with who said so on record, and moved back', async () => {
  const [one, two, other, elsewhere] = [
    await inside('m1', 'start'),
    await inside('m2', 'start'),
    await inside('m3', 'middle'),
    await inside('m4', 'start', 'build-2'),
  ]
  const where = ['stage=start', 'build=build-1', 'status=running', 'customers=m1,m2,m3,m4']
  const words = await move(api, journey, moving({ where }))
  expect(words).toBe(`2 moved\nIt is undone by: npx sojourn move --undo ${path.join(folder, 'undo')}`)
  expect([one, two, other, elsewhere].map(stageOf)).toEqual(['end', 'end', 'middle', 'start'])
  expect(await store.operations.ofCustomer('m1', 5)).toEqual([
    expect.objectContaining({ action: 'move', by: 'Mia (key operate-key)', reason: 'a new end' }),
  ])
  temporal.statuses.set(two, statusOf(two, { stage: 'middle' }))
  expect(await undo(api, path.join(folder, 'undo'), moving())).toBe(
    '1 not undone (it is in stage middle by now)\n1 undone',
  )
  expect([one, two].map(stageOf)).toEqual(['start', 'middle'])
  const orders = temporal.updates.length
  await undo(api, path.join(folder, 'undo'), moving())
  expect(temporal.updates).toHaveLength(orders)
})

test('a move that was cut off goes on with its file, and moves each once', async () => {
  const ids = await Promise.all([1, 2, 3, 4, 5].map((number) => inside(`c${number}`, 'start')))
  const where = ['customers=c1,c2,c3,c4,c5']
  temporal.mostOrders = 2
  await expect(move(api, journey, moving({ where }))).rejects.toMatchObject({ code: 'temporal-unavailable' })
  appendFileSync(path.join(folder, 'undo'), '{"id":"trialOnb')
  Object.assign(temporal, { away: false, mostOrders: Infinity })
  await expect(move(api, journey, moving({ where: [] }))).rejects.toThrow('is the list of another move')
  expect(await move(api, journey, moving({ where }))).toContain('5 moved')
  expect(ids.map(stageOf)).toEqual(ids.map(() => 'end'))
  const orders = temporal.updates.map(({ updateId }) => updateId)
  expect(new Set(orders).size).toBe(5)
  expect(readFileSync(path.join(folder, 'undo'), 'utf8').trimEnd().split('\n')).toHaveLength(1 + 5 + 5)
})

test.each<[string, Partial<Moving> & { journey?: string }, string]>([
  ['an unknown stage', { toStage: 'ende' }, 'has no stage "ende"; its stages are start, middle, end'],
  ['a journey of one piece', { journey: 'cartRecovery' }, 'has no stages to move between'],
  ['an unknown journey', { journey: 'trial' }, 'There is no journey "trial"'],
])('%s is refused', async (_, { journey: name = journey, ...more }, words) => {
  await expect(move(api, name, moving(more))).rejects.toThrow(words)
})

test('conditions are read, and what is none is told', () => {
  expect(whereOf(['step=habit', 'customer=a=b', 'customers=c, d'])).toEqual({
    step: 'habit',
    customers: ['a=b', 'c', 'd'],
  })
  expect(() => whereOf(['steps=habit'])).toThrow('--where takes name=value')
})

test('work is begun at the rate, and none any more after a failure', async () => {
  const pauses: number[] = []
  const begun: number[] = []
  const sleep = async (ms: number): Promise<void> => void pauses.push(ms)
  await paced([1, 2, 3], 4, async (item) => void begun.push(item), sleep)
  expect({ begun, pauses }).toEqual({ begun: [1, 2, 3], pauses: [250, 250] })
  const failing = paced(Array.from({ length: 40 }), 4, () => Promise.reject(new Error('no')), sleep)
  await expect(failing).rejects.toThrow('no')
  expect(pauses.length).toBeLessThan(2 + 10)
})
