import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freshDatabase } from '../support/postgres'
import { killAll, type Child } from './child'
import { buildInto, startCompiled, type Kind } from './compiled'

// Production processes from compiled code. How they live together is test/breaking's matter.

jest.setTimeout(150_000)

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-processes-'))
let dist: string
let settings: Record<string, string>

beforeAll(async () => {
  dist = buildInto(folder)
  settings = {
    NODE_ENV: 'production',
    PORT: '0',
    DATABASE_URL: await freshDatabase(),
    SMTP_URL: 'smtp://127.0.0.1:9',
    API_KEYS: `admin:test:${'0'.repeat(64)}`,
    SECRET_KEYS: 'a-secret-that-signs-links-in-tests-only',
    TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL!,
  }
})

afterAll(async () => {
  await killAll()
  rmSync(folder, { recursive: true, force: true })
})

test.each<[Kind, string]>([
  ['api', 'SECRET_KEYS'],
  ['worker', 'SMTP_URL'],
  ['dispatcher', 'DATABASE_URL'],
])('%s without %s says so in one sentence and ends with 1', async (kind, missing) => {
  const { [missing]: _, ...rest } = settings
  const child: Child = startCompiled(dist, kind, rest)
  expect(await child.ended).toEqual({ code: 1, signal: null })
  expect(child.said).toMatch(new RegExp(`^${missing} is not set; it is needed: [^\\n]+\\.\\n$`))
})
