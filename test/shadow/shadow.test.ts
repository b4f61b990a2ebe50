import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { apiClient } from '../../api/cli/client'
import { compared } from '../../api/cli/shadow/compare'
import { entryChange } from '../../api/cli/shadow/entry'
import { onFile, type ToldEnrollment } from '../../api/cli/shadow/record'
import { inWords } from '../../api/cli/shadow/report'
import { look } from '../../api/cli/shadow/round'
import { keep, standingIn } from '../../api/cli/shadow/standing'
import { email, webhook } from '../../sdk'
import type { Definition } from '../../sdk/definition'
import { firstLimits } from '../../sdk/contact'
import { relive, type Rehearsable } from '../../sdk/testing'
import { projectCreated, subscriptionStarted, trialStarted } from '../../catalog/events'
import { defineJourney } from '../../workflows/enrollment'
import { trialOnboarding } from '../../workflows/journeys'
import { World } from '../support/world'

// A version beside the one that runs, over the API, on what the real servers did.

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-shadow-'))
const days = (count: number): string => `${count} days`
let world: World
let since: string

beforeAll(async () => {
  world = await World.open()
  since = new Date(Date.now() - 1_000).toISOString()
  await Promise.all([lives('silent', 30), lives('eager', 2)])
}, 120_000)
afterAll(async () => {
  await world?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a trial; the eager one makes a project on the second day, and subscribes. */
async function lives(customer: string, forDays: number): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com`, timezone: 'Europe/Berlin' })
  await world.event(customer, 'Trial Started', { plan: 'team' })
  await world.untilTouchpoints(customer, ['welcome sent'])
  await world.forward(customer, days(forDays))
  if (customer !== 'eager') return
  await world.event(customer, 'Project Created', { name: 'First' })
  await world.event(customer, 'Subscription Started', { plan: 'team' })
  await world.untilOutcome(customer, 'trialOnboarding', { is: 'converted', event: 'Subscription Started' })
  // Longer than what may still be under way.
  await world.forward(customer, '1 hour')
}

/** Says hello twice, and asks the team instead of showing the first step. */
const candidate = defineJourney(
  { enrollOn: trialStarted, goal: { on: subscriptionStarted }, topic: 'tips' },
  async (journey) => {
    await journey.send('welcome', email('trial/welcome'))
    const first = await journey.waitFor('first-project', { created: projectCreated }, '1 day')
    if (first.is === 'timeout') await journey.send('ask-for-help', webhook('helpdesk', 'trial/needs-help'))
    await journey.sleep('patience', '60 days')
  },
)

async function inShadow(customer: string, journey: Rehearsable) {
  const api = apiClient(world.url, 'test')
  const { items } = (await api.get('/v1/enrollments', {
    customerId: customer,
    journey: 'trialOnboarding',
  })) as {
    items: ToldEnrollment[]
  }
  const file = (await onFile(api, customer, items))!
  const reliving = { name: 'trialOnboarding', limits: firstLimits, defaultTimeZone: 'UTC', until: file.now }
  return compared(file, await relive(file, { ...reliving, journey }))
}

test.each(['silent', 'eager'])(
  'the version that runs, lived again, does with %s what it did',
  async (customer) => {
    const { differences, live, shadow } = await inShadow(customer, trialOnboarding)
    expect(differences).toEqual([])
    expect(shadow).toEqual(live)
  },
)

test('another version is told from it, step by step and at its end', async () => {
  const { differences, isOver } = await inShadow('silent', candidate)
  expect(differences.map((line) => line.replace(/\d{4}-\S+Z /, ''))).toEqual([
    '+ ask-for-help by webhook sent',
    '- show-first-step by email sent',
    '- what-others-do by email sent',
    '- trial-ends by email sent',
    '- farewell by email sent',
    '- ended: completed, the trial ended without a subscription',
    '+ still inside',
  ])
  expect(isOver).toBe(false)
  const eager = await inShadow('eager', candidate)
  expect(eager.differences.map((line) => line.replace(/\d{4}-\S+Z /, ''))).toEqual([
    '+ ask-for-help by webhook sent',
  ])
})

describe('a round', () => {
  const versions = { ours: candidate, theirs: trialOnboarding }
  const journey = 'trialOnboarding'
  const begun = () => ({ journey, since, share: 1, asOf: since, customers: {}, unknown: [] })

  /** Tells of whom it was asked. */
  function watched() {
    const api = apiClient(world.url, 'test')
    const asked = new Set<string>()
    const noting: typeof api.get = (target, query) => {
      const [, customer] = /customers\/([^/]+)/.exec(target) ?? []
      if (customer) asked.add(customer)
      return api.get(target, query)
    }
    return { api: { ...api, get: noting }, asked }
  }

  test('looks at all who entered since then, and no more at those who have left both versions', async () => {
    const first = watched()
    const standing = await look(first.api, begun(), versions, 'UTC')
    expect([...first.asked].sort()).toEqual(['eager', 'silent'])
    expect(standing.customers).toMatchObject({
      eager: { isOver: true, isSure: true },
      silent: { isOver: false, isSure: true },
    })
    const second = watched()
    expect((await look(second.api, standing, versions, 'UTC')).customers).toEqual(standing.customers)
    expect([...second.asked]).toEqual(['silent'])
  })

  test('leaves out who entered before, and who is not in the share', async () => {
    const later = new Date(Date.now() + 60_000).toISOString()
    expect((await look(watched().api, { ...begun(), since: later }, versions, 'UTC')).customers).toEqual({})
    expect((await look(watched().api, { ...begun(), share: 1e-9 }, versions, 'UTC')).customers).toEqual({})
  })
})

describe('what it knows', () => {
  const file = path.join(folder, 'shadow.json')

  test('is kept in a file, of one journey and share, and told in words', async () => {
    const fresh = await standingIn(file, { journey: 'trialOnboarding', since, share: 0.5 })
    const customers = {
      silent: await inShadow('silent', candidate),
      eager: await inShadow('eager', trialOnboarding),
    }
    await keep(file, { ...fresh, customers: { ...customers, other: { ...customers.silent, isSure: false } } })
    const again = await standingIn(file, { journey: 'trialOnboarding' })
    expect(again).toMatchObject({ since, share: 0.5, customers })
    const words = inWords(again)
    expect(words).toContain('3 customers, a share of 0.5')
    expect(words).toContain('does what it did with 0 of 1')
    expect(words).toMatch(/show-first-step +2 sent, in the shadow 0/)
    expect(words).toContain('2 customers would have been treated differently')
    expect(words).toContain('  other (not sure')
    await expect(standingIn(file, { journey: 'winBack' })).rejects.toThrow('is of trialOnboarding since')
    await expect(standingIn(file, { journey: 'trialOnboarding', share: 1 })).rejects.toThrow('--file')
  })

  test('is no file of anybody else', async () => {
    const other = path.join(folder, 'other.json')
    writeFileSync(other, '{"a":1}')
    await expect(standingIn(other, { journey: 'trialOnboarding' })).rejects.toThrow('is no file of a shadow')
    expect(readFileSync(other, 'utf8')).toBe('{"a":1}')
  })
})

test('another entry rule is told in words, since who enters by it alone is not followed', async () => {
  const entering = (enrollOn: Definition['enrollOn']) =>
    entryChange(
      apiClient(world.url, 'test'),
      'trialOnboarding',
      defineJourney({ enrollOn }, async () => undefined),
    )
  expect(await entering(trialStarted)).toBeUndefined()
  const words = await entering([trialStarted.where({ plan: 'team' }), projectCreated])
  expect(words).toBe(
    'the version here enrolls on Project Created or Trial Started where plan is team, the one that runs on Trial Started: who would enter by the one here alone is not followed',
  )
  const standing = {
    ...(await standingIn(path.join(folder, 'new'), { journey: 'trialOnboarding' })),
    entry: words,
  }
  expect(inWords(standing).split('\n')[1]).toBe(words)
})
