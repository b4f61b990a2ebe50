import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { readRecording } from '../../api/cli/backtest/recording'
import { relive } from '../../sdk/testing'
import { firstLimits } from '../../sdk/contact'
import { trialOnboarding } from '../../workflows/journeys'

const root = path.join(__dirname, '../..')
const start = Date.UTC(2026, 2, 2, 9)
const day = 86_400_000

const folder = mkdtempSync(path.join(os.tmpdir(), 'sojourn-backtest-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const line = (userId: string, afterDays: number, type: string, more: object): string =>
  JSON.stringify({ type, userId, timestamp: new Date(start + afterDays * day).toISOString(), ...more })

const trial = (userId: string): string[] => [
  line(userId, 0, 'identify', { traits: { email: `${userId}@example.com`, timezone: 'Europe/Berlin' } }),
  line(userId, 0, 'track', { event: 'Trial Started', messageId: `${userId}-trial` }),
]

const recorded = [
  ...trial('silent'),
  ...trial('keen'),
  // Out of order, and sent twice.
  line('keen', 4, 'track', { event: 'Subscription Started', properties: { plan: 'team' } }),
  line('keen', 1, 'track', { event: 'Project Created', messageId: 'once' }),
  line('keen', 1, 'track', { event: 'Project Created', messageId: 'once' }),
  line('nobody', 0, 'track', { event: 'Trial Started' }),
  'not json',
  JSON.stringify({ type: 'track', userId: 'late', event: 'Trial Started' }),
  line('wrong', 1, 'track', { event: 'Order Completed', properties: { order_id: 'o-1', total: 'much' } }),
  line('page', 60, 'page', { name: 'Home' }),
  JSON.stringify({ type: 'purchase', userId: 'x' }),
]

const file = path.join(folder, 'events.ndjson')
writeFileSync(file, recorded.join('\n'))

test('a recording is checked line by line, by customer and in order of time', async () => {
  const { customers, events, until, faults } = await readRecording(file)
  expect(faults.map(({ line: number, because }) => `${number}: ${because}`)).toEqual([
    '9: it is not a JSON object',
    '10: timestamp: is needed to know when it happened',
    expect.stringContaining('11: its properties do not fit the catalog: total'),
    '13: its type must be one of track, identify, page, screen, group, alias',
  ])
  expect(events).toBe(8)
  expect(until).toBe(start + 60 * day)
  const keen = customers.find(({ customerId }) => customerId === 'keen')!
  expect(keen.events.map(({ name }) => name)).toEqual([
    '',
    'Trial Started',
    'Project Created',
    'Subscription Started',
  ])
})

test('two ids that are one customer are one from the beginning', async () => {
  const anonymous = path.join(folder, 'anonymous.ndjson')
  const began = {
    ...JSON.parse(line('x', 0, 'track', { event: 'Trial Started' })),
    userId: undefined,
    anonymousId: 'a',
  }
  const known = line('ida', 1, 'identify', { anonymousId: 'a', traits: { email: 'ida@example.com' } })
  const renamed = line('ida-2', 2, 'alias', { previousId: 'ida' })
  writeFileSync(anonymous, [JSON.stringify(began), known, renamed].join('\n'))
  const { customers } = await readRecording(anonymous)
  expect(customers.map(({ customerId, events }) => [customerId, events.length])).toEqual([['ida-2', 3]])
})

test('a customer lives again as the events say, up to the end of the recording', async () => {
  const { customers } = await readRecording(file)
  const reliving = {
    name: 'trialOnboarding',
    journey: trialOnboarding,
    defaultTimeZone: 'UTC',
    limits: firstLimits,
  }
  const silent = customers.find(({ customerId }) => customerId === 'silent')!
  const early = await relive(silent, { ...reliving, until: start + 5 * day })
  expect(early.touchpoints.map(({ step, status }) => `${step} ${status}`)).toEqual([
    'welcome sent',
    'show-first-step sent',
  ])
  expect(early.outcomes).toEqual([null])
  const whole = await relive(silent, { ...reliving, until: start + 60 * day })
  expect(whole.touchpoints).toHaveLength(5)
  expect(whole.outcomes[0]).toMatchObject({ is: 'completed' })
})

const command = (
  cwd: string,
  ...args: readonly string[]
): Promise<{ code: number; out: string; problem: string }> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      [path.join(root, 'api/cli/sojourn.mjs'), 'backtest', ...args],
      { cwd, maxBuffer: 1e7 },
      (error, out, problem) => resolve({ code: error ? Number(error.code) : 0, out, problem }),
    ),
  )

describe('npx sojourn backtest', () => {
  const clone = path.join(folder, 'clone')
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
      encoding: 'utf8',
    })

  beforeAll(() => {
    for (const part of ['sdk', 'catalog', 'workflows', 'package.json', 'tsconfig.json'])
      cpSync(path.join(root, part), path.join(clone, part), { recursive: true })
    symlinkSync(path.join(root, 'node_modules'), path.join(clone, 'node_modules'), 'dir')
    writeFileSync(path.join(clone, '.gitignore'), 'node_modules\n')
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '--message', 'Before')
    const journey = path.join(clone, 'workflows/journeys/trial-onboarding.ts')
    const source = readFileSync(journey, 'utf8')
    writeFileSync(journey, source.replace("'3 days',", "'2 days',"))
  })

  test('says what the journey would have done, and who would have been treated differently', async () => {
    const { code, out } = await command(
      clone,
      'trialOnboarding',
      '--events',
      file,
      '--against',
      'HEAD',
      '--json',
    )
    expect(code).toBe(0)
    const { now, against, ...rest } = JSON.parse(out)
    expect(rest).toMatchObject({ journey: 'trialOnboarding', customers: 4, events: 8 })
    expect(now).toMatchObject({
      enrollments: 3,
      outcomes: { completed: 2, converted: 1 },
      sent: 6,
      byStep: { welcome: 2, 'show-first-step': 1, 'what-others-do': 1, 'trial-ends': 1, farewell: 1 },
      byChannel: { email: 6 },
      withheld: { 'recipient: no-address': 5 },
      heldAtEnd: 0,
    })
    expect(now.byDay['2026-03-05']).toBe(1)
    expect(against.before.byDay['2026-03-06']).toBe(1)
    expect(against.differing.map(({ customerId }: { customerId: string }) => customerId)).toEqual([
      'silent',
      'nobody',
    ])
    const [silent] = against.differing
    expect(silent.onlyBefore[0]).toBe('2026-03-06T08:00:00.000Z show-first-step by email sent')
    expect(silent.onlyNow[0]).toBe('2026-03-05T08:00:00.000Z show-first-step by email sent')
  })

  test('tells people the same in words, with the lines left out, under limits of their own', async () => {
    const limits = path.join(folder, 'limits.json')
    writeFileSync(limits, JSON.stringify({ ...firstLimits, holdout: 1 }))
    const { out } = await command(clone, 'trialOnboarding', '--events', file, '--limits', limits)
    expect(out).toContain(
      'trialOnboarding over 8 events of 4 customers\n4 lines were left out:\n  line 9: it is not',
    )
    expect(out).toMatch(/sent {2,}0\n/)
    expect(out).toMatch(/global holdout: holdout {2,}6\n/)
  })

  test.each([
    [
      'an unknown journey',
      ['trialOnbording', '--events', file],
      1,
      'There is no journey trialOnbording; there are',
    ],
    [
      'an unknown version',
      ['trialOnboarding', '--events', file, '--against', 'nowhere'],
      1,
      'git could not read',
    ],
    ['a file that is not there', ['trialOnboarding', '--events', 'nowhere'], 1, 'The events cannot be read'],
    ['no events', ['trialOnboarding'], 2, 'usage: npx sojourn'],
  ])('refuses %s', async (_, args, code, words) => {
    const answer = await command(clone, ...args)
    expect(answer.problem).toContain(words)
    expect(answer.code).toBe(code)
  })
})
