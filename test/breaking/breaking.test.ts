import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { killAll } from '../start/child'
import { buildInto } from '../start/compiled'
import { freshDatabase } from '../support/postgres'
import type { Finding } from './checker/check'
import { type FaultName, faults, withFault } from './faults'
import { type Ground, startGround } from './ground'
import { shortScript } from './scripts'
import { type Result, type Script, storm } from './storm'
import type { Act } from './stories'

// The short form of `npm run breaking`, and faults that it must find: all on production processes from compiled code.

jest.setTimeout(400_000)

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-breaking-'))
let dist: string
let ground: Ground | undefined

beforeAll(() => {
  dist = buildInto(folder)
})

afterAll(async () => {
  await ground?.stop()
  await killAll()
  rmSync(folder, { recursive: true, force: true })
})

const quietly = () => {}
const countsOf = ({ findings: _, lives: __, ...counts }: Result): string => JSON.stringify(counts)

test('killed, frozen and misled at any moment it loses nothing, doubles nothing and comes to rest', async () => {
  ground = await startGround(folder, 'sqlite', quietly)
  const place = { ...ground, dist, folder: path.join(folder, 'storm'), taskQueue: 'storm' }
  const result = await storm(place, ground.servers, shortScript(seed), quietly)
  process.stderr.write(`breaking: RESULT ${countsOf(result)}\n`)
  expect({ seed, findings: result.findings }).toEqual({ seed, findings: [] })
  expect(Object.keys(result.killed).sort()).toEqual(
    ['api', 'dispatcher 1', 'dispatcher 2', 'postgres', 'smtp', 'temporal', 'webhooks', 'worker 1', 'worker 2'], // prettier-ignore
  )
  expect(result.events).toBeGreaterThan(result.customers)
})

/** Customers of its own for each: they share one Temporal server. */
const scriptOf = (fault: FaultName): Script =>
  faults[fault].script(seed + 1 + Object.keys(faults).indexOf(fault))

/** A deployment with the fault, on the test run's servers. */
async function stormWith(fault: FaultName): Promise<Result> {
  const own = path.join(folder, fault)
  mkdirSync(own)
  const place = {
    dist: withFault(dist, own, fault),
    folder: path.join(own, 'run'),
    taskQueue: `${fault}-${seed}`,
    databaseUrl: await freshDatabase(),
    temporalAddress: process.env.SOJOURN_TEST_TEMPORAL!,
  }
  const result = await storm(place, [], scriptOf(fault), quietly)
  process.stderr.write(`breaking with ${fault}: RESULT ${countsOf(result)}\n`)
  return result
}

/** What a batch holds is sent once more only afterwards. */
const repeatedIn = (act: Act) =>
  'sends' in act ? act.sends.filter(({ repeated }) => repeated && !(act.asBatch && repeated === 'at once')) : [] // prettier-ignore

const othersThan = (broke: Finding['broke'], { findings }: Result): Finding[] =>
  findings.filter((found) => found.broke !== broke)

const eventsOf = ({ lives }: Result) => lives.flatMap(({ events }) => events)

test('finds each event that is dropped after the 2xx', async () => {
  const result = await stormWith('drop-event')
  const dropped = eventsOf(result).filter(({ messageId }) => /^p\d*0-.*-3$/.test(messageId))
  expect(dropped.length).toBeGreaterThan(0)
  expect(othersThan('lost', result)).toEqual([])
  expect(result.lost).toBe(dropped.length)
})

test('finds each mail that is sent again because the ledger row came after it', async () => {
  const result = await stormWith('send-first')
  expect(result.doubled).toBeGreaterThan(0)
  // Without a row nobody sees that a mail is on its way: whoever goes on meanwhile may have it withdrawn, and get it nevertheless.
  const others = othersThan('doubled', result)
  expect(others.filter(({ words }) => !words.endsWith('is withheld, withdrawn'))).toEqual([])
})

test('finds each event that counts again because its repeat was not dropped', async () => {
  const result = await stormWith('no-dedup')
  const { people } = scriptOf('no-dedup')
  const repeated = people.flatMap(({ acts }) => acts.flatMap(repeatedIn))
  const again = result.findings.filter(({ words }) => words.includes('was never sent'))
  expect(again.map(({ words }) => words).sort()).toEqual(
    repeated.map(({ messageId }) => `event ${messageId}/again was never sent`).sort(),
  )
  expect(othersThan('doubled', result)).toEqual([])
})

test('finds events that are marked handled before they are handed out', async () => {
  const result = await stormWith('handled-first')
  expect(result.lost).toBeGreaterThan(0)
  expect(othersThan('lost', result).filter(({ broke }) => broke !== 'astray')).toEqual([])
})
