import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { apiClient } from '../../api/cli/client'
import { move, undo } from '../../api/cli/move'
import { status, wake } from '../../api/cli/rollout'
import type { Build } from '../../workers/bundle'
import { Act } from '../replay/act'
import { until } from '../support/until'
import { World } from '../support/world'
import { buildOf } from './builds'
import { staged } from './edits'

// Builds side by side, where workers are versioned: customers of a journey in stages, one of whom the new build can't take over.

let before: Build
let now: Build
let both: World

beforeAll(async () => {
  ;[before, now] = await Promise.all([buildOf({ staged: staged.old }), buildOf({ staged: staged.now })])
  both = await World.open({ build: before, versioned: true })
  await both.join(now)
  await rolled(before, 100)
  await Promise.all(['moves', 'breaks', 'sleeps'].map(enter))
  await both.event('breaks', 'Project Created')
  await standsAt('breaks', 'middle')
}, 180_000)
afterAll(() => both?.close())

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
