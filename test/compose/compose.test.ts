import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DCLinter } from 'dclint'
import { parse } from 'yaml'
import { loadConfig, needSettings } from '../../config'
import { root } from '../start/child'
import { composeFile, envFile, textOf } from './compose-file'
import { brokenPromises } from './promises'

const text = textOf('docker-compose.yml')
const example = textOf('.env.example')
const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-compose-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Finding {
  readonly rule: string
  readonly message: string
}

/** What the Compose specification's schema, as the linter brings it, says against a file. */
function schemaFaults(compose: string): string[] {
  const file = path.join(folder, 'docker-compose.yml')
  writeFileSync(file, compose)
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] })
  const findings: Finding[] = linter.lintFiles([file], false).flatMap(({ messages }: { messages: Finding[] }) => messages) // prettier-ignore
  return findings.filter(({ rule }) => rule.startsWith('invalid-')).map(({ message }) => message)
}

const changed = (from: string | RegExp, to: string): string => {
  const result = text.replace(from, to)
  if (result === text) throw new Error(`${from} is not in docker-compose.yml`)
  return result
}

test('docker-compose.yml is one by the Compose specification, and keeps our promises', () => {
  expect(schemaFaults(text)).toEqual([])
  expect(brokenPromises(text, example)).toEqual([])
})

test.each([
  ['an unknown key', changed('    shm_size: 256m', '    shm_bytes: 256m'), '/services/postgres'],
  ['a port list that is none', changed("ports: ['127.0.0.1:3000:3000']", 'ports: 3000'), 'ports'],
  ['a test that YAML reads as a map', changed(/- "(fetch.*)"/, '- $1'), 'healthcheck/test'],
])('the schema finds %s', (_, compose, words) => {
  expect(schemaFaults(compose).join()).toContain(words)
})

test.each([
  ['latest', changed('temporalio/server:1.32.1', 'temporalio/server:latest'), 'temporal has the image'],
  ['no tag', changed('caddy:2.11.4-alpine', 'caddy'), 'proxy has the image caddy'],
  ['a public port', changed("'127.0.0.1:7233:7233'", "'7233:7233'"), 'temporal publishes 7233:7233'],
  ['a port on a scaled service', changed('command: [node, dist/api/server.js]', "ports: ['127.0.0.1:3001:3000']"), 'api is scaled'], // prettier-ignore
  ['no health check', changed(/ {4}healthcheck:\n {6}<<: \*probe\n {6}test: \[CMD, \/mailpit.*\n/, ''), 'mailpit runs and has no'], // prettier-ignore
  ['a job that nobody waits for', changed(/temporal-namespace: \{ condition: \w+ \}/g, 'temporal: { condition: service_healthy }'), 'temporal-namespace is a job'], // prettier-ignore
  ['start before health', changed('api: { condition: service_healthy }', 'api: { condition: service_started }'), 'proxy waits for api'], // prettier-ignore
  ['no restart', changed(/(?<=&service\n) {2}restart: .*\n/, ''), 'worker restarts undefined'],
  ['a log without end', changed('max-size: 10m, ', ''), 'api keeps its log'],
  [
    'a kill that comes too soon',
    changed('stop_grace_period: 20s', 'stop_grace_period: 10s'),
    'worker is killed',
  ],
  ['a folder of the host', changed("'mailpit:/data'", "'./mail:/data'"), 'mailpit keeps ./mail:/data'],
  [
    'a literal password',
    changed(/SQL_PASSWORD: .*/, 'SQL_PASSWORD: temporal'),
    'temporal-schema has a secret',
  ],
  [
    'a password in a URL',
    changed(/sojourn:\$\{POSTGRES_PASSWORD[^}]*\}@/, 'sojourn:sojourn@'),
    'api has a secret',
  ],
  [
    'a default password',
    changed(/\$\{SECRET_KEYS:\?[^}]*\}/, '${SECRET_KEYS:-0123}'),
    'SECRET_KEYS may be missing',
  ],
  ['an unknown setting', changed('HEALTH_PORT:', 'HEALTHY_PORT:'), 'worker sets HEALTHY_PORT'],
  [
    'an undocumented variable',
    changed('LOG_LEVEL:-info', 'VERBOSITY:-info'),
    'VERBOSITY is not in .env.example',
  ],
])('the promises find %s', (_, compose, words) => {
  expect(brokenPromises(compose, example).join('\n')).toContain(words)
})

test('a secret in .env.example is found', () => {
  const broken = brokenPromises(text, example.replace('SECRET_KEYS=\n', 'SECRET_KEYS=0123\n'))
  expect(broken).toEqual(['.env.example has a value for SECRET_KEYS'])
})

test('the lines in .env.example make an .env that every process of ours starts with', () => {
  copyFileSync(path.join(root, '.env.example'), path.join(folder, '.env.example'))
  const lines = [...example.matchAll(/^# {3}(\S.*)$/gm)].map(([, line]) => line!)
  expect(lines).toHaveLength(2)
  const key = lines
    .map((line) => execFileSync('sh', ['-euc', line], { cwd: folder, encoding: 'utf8' }))
    .join('')
  const env = envFile(readFileSync(path.join(folder, '.env'), 'utf8'))
  expect(new Set([env.POSTGRES_PASSWORD, env.TEMPORAL_POSTGRES_PASSWORD, env.SECRET_KEYS]).size).toBe(3)
  expect(key).toMatch(/^[0-9a-f]{48}\n$/)

  const { environment } = composeFile(text, env).services.api!
  const config = loadConfig({ NODE_ENV: 'production', NODE_VERSION: '20', HOSTNAME: 'a1b2', ...environment })
  needSettings(config, ['DATABASE_URL', 'SMTP_URL', 'API_KEYS', 'SECRET_KEYS', 'PUBLIC_URL'])
  expect(config).toMatchObject({ host: '0.0.0.0', port: 3000, healthPort: 3000, fastForward: false })
  expect(() => composeFile(text, {})).toThrow('POSTGRES_PASSWORD: set it in .env, see .env.example')
})

test('versions are those that the project is built and tested with', () => {
  const source = textOf('workers/servers/temporal-binary.ts')
  const [, server] = /SERVER_VERSION = '([\d.]+)'/.exec(source)!
  const [, ui] = /UI_VERSION = '([\d.]+)'/.exec(source)!
  const { services } = composeFile()
  const images = new Set(Object.values(services).map(({ image }) => image))
  expect([...images]).toEqual(
    expect.arrayContaining([
      `sojourn:${JSON.parse(textOf('package.json')).version}`,
      `temporalio/server:${server}`,
      `temporalio/admin-tools:${server}`,
      `temporalio/ui:${ui}`,
    ]),
  )
})

test('what the file hands to the Temporal server is YAML, and each job is a script', () => {
  const { configs, services } = composeFile()
  expect(parse(configs.temporal!.content)).toEqual({
    'frontend.enableServerVersionCheck': [{ value: false }],
  })
  for (const name of ['temporal-schema', 'temporal-namespace']) {
    const script = services[name]!.command![0]!.replaceAll('$$', '$')
    execFileSync('sh', ['-n', '-c', script])
  }
})
