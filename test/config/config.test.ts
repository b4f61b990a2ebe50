import { Writable } from 'node:stream'
import { ConfigError, describeConfig, loadConfig, needSettings } from '../../config'
import { createLogger } from '../../logger'

const hash = 'ab'.repeat(32)

function refused(env: Record<string, string>, defaults = {}): readonly string[] {
  try {
    loadConfig(env, defaults)
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences
    throw error
  }
  throw new Error('it was accepted')
}

test('development needs nothing', () => {
  expect(loadConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    dataDir: '.data',
    publicUrl: 'http://127.0.0.1:3000',
    logLevel: 'info',
    demo: false,
    fastForward: true,
    webhookEndpoints: {},
    webhookAllowPrivate: false,
    defaultTimeZone: 'UTC',
    taskQueue: 'sojourn',
    temporalPort: 7233,
    uiPort: 8233,
    smtpPort: 2525,
    open: true,
    apiKeys: [{ role: 'admin', name: 'dev' }],
  })
})

test('every setting is read', () => {
  const config = loadConfig({
    NODE_ENV: 'production',
    HOST: '::',
    PORT: '8080',
    DATABASE_URL: 'postgres://u:p@db/sojourn',
    SMTP_URL: 'smtps://u:p@mail:465',
    MAIL_FROM: 'Acorn <hello@acorn.example>',
    DKIM_DOMAIN: 'acorn.example',
    DKIM_SELECTOR: 'mail2027',
    DKIM_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----',
    PUBLIC_URL: 'https://journeys.example/',
    API_KEYS: `admin:ops:${hash.toUpperCase()}, ingest:cdp:${hash}`,
    SECRET_KEYS: `${'n'.repeat(32)},${'o'.repeat(32)}`,
    CUSTOMER_ID_KEY: 'k'.repeat(32),
    LOG_LEVEL: 'warn',
    WEBHOOK_ENDPOINTS:
      '{"crm":{"url":"https://crm.example/hook","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}',
    WEBHOOK_ALLOW_PRIVATE: 'yes',
    MODEL_SERVERS: 'churn=https://models.example/score?of=a,b, uplift=http://me:p%3A1@10.0.0.7:8000/',
    MODEL_PRIVATE_HOSTS: '10.0.0.7, models.internal',
    SOURCE_DATABASES: 'crm=postgres://u:p@one:5432/crm, dwh=postgresql://u:p@two/x?sslmode=require',
    DEFAULT_TIME_ZONE: 'Asia/Kolkata',
    EVENT_RETENTION: '13 weeks',
    TOUCHPOINT_RETENTION: '400 days',
    DECISION_RETENTION: '26 weeks',
    TASK_RETENTION: '90 days',
    TASK_QUEUE: 'journeys',
    TEMPORAL_ADDRESS: 'temporal:7233',
    TEMPORAL_TLS: 'true',
  })
  expect(config).toMatchObject({
    host: '::',
    eventRetention: 13 * 7 * 24 * 60 * 60 * 1000,
    touchpointRetention: 400 * 24 * 60 * 60 * 1000,
    decisionRetention: 182 * 24 * 60 * 60 * 1000,
    taskRetention: 90 * 24 * 60 * 60 * 1000,
    port: 8080,
    databaseUrl: 'postgres://u:p@db/sojourn',
    publicUrl: 'https://journeys.example',
    dkimDomain: 'acorn.example',
    dkimSelector: 'mail2027',
    dkimPrivateKey: '-----BEGIN PRIVATE KEY-----',
    apiKeys: [{ role: 'admin', name: 'ops', hash }, { role: 'ingest', name: 'cdp', hash }],
    secretKeys: ['n'.repeat(32), 'o'.repeat(32)],
    webhookEndpoints: { crm: { url: 'https://crm.example/hook' } },
    webhookAllowPrivate: true,
    modelServers: {
      churn: { url: 'https://models.example/score?of=a,b' },
      uplift: { url: 'http://10.0.0.7:8000/', authorization: 'Basic bWU6cDox' },
    },
    modelPrivateHosts: ['10.0.0.7', 'models.internal'],
    modelFiles: 'models',
    sourceDatabases: {
      crm: 'postgres://u:p@one:5432/crm',
      dwh: 'postgresql://u:p@two/x?sslmode=require',
    },
    defaultTimeZone: 'Asia/Kolkata',
    fastForward: false,
    open: false,
  }) // prettier-ignore
})

test('an empty value is none; defaults stand in, and the environment goes first', () => {
  const empty = loadConfig({ PORT: '', DATABASE_URL: ' ' })
  expect([empty.port, empty.databaseUrl]).toEqual([3000, undefined])
  expect(loadConfig({ PORT: '1' }, { DEMO: 'true', PORT: '2' })).toMatchObject({ demo: true, port: 1 })
  expect(loadConfig({ DEMO: 'off' }, { DEMO: 'true' })).toMatchObject({ demo: false })
})

test.each([
  ['PORT', 'abc'], ['PORT', '-1'], ['PORT', '65536'], ['PORT', '1.5'], ['UI_PORT', '0x10'], ['NODE_ENV', 'staging'], ['LOG_LEVEL', 'loud'],
  ['DEMO', 'maybe'], ['PUBLIC_URL', 'journeys.example'], ['PUBLIC_URL', 'ftp://x'], ['DATABASE_URL', 'mysql://u:topsecret@h'],
  ['SMTP_URL', 'http://topsecret'], ['MAIL_FROM', 'nobody'], ['MAIL_FROM', 'a@b\r\nBcc: c@d'], ['DEFAULT_TIME_ZONE', 'Mars/Olympus'],
  ['API_KEYS', 'admin:ops:topsecret'], ['API_KEYS', `boss:ops:${hash}`], ['API_KEYS', `admin:ops:${hash},read:ops:${hash}`],
  ['SECRET_KEYS', 'topsecret'], ['CUSTOMER_ID_KEY', 'topsecret'], ['WEBHOOK_ENDPOINTS', '{topsecret'], ['WEBHOOK_ENDPOINTS', '[]'],
  ['MODEL_SERVERS', 'https://topsecret.example'], ['MODEL_SERVERS', 'churn=ftp://topsecret'], ['SOURCE_DATABASES', 'crm=mysql://topsecret'],
  ['EMAIL_PROVIDER', 'pigeon'], ['SENDGRID_URL', 'api.sendgrid.com'], ['POSTMARK_WEBHOOK_LOGIN', 'topsecret'], ['POSTMARK_WEBHOOK_LOGIN', 'topsecret:short'],
  ['SES_REGION', 'Frankfurt'], ['SES_TOPIC_ARN', 'journeys'], ['TWILIO_ACCOUNT_SID', 'AC1'], ['TWILIO_FROM', '030 123'],
  ['META_WHATSAPP_NUMBER_ID', '+4930123456'], ['META_VERIFY_TOKEN', 'short'], ['META_URL', 'graph'],
  ['TWILIO_WHATSAPP_FROM', '12345'], ['FCM_SERVICE_ACCOUNT', '{}'], ['VAPID_PRIVATE_KEY', 'AAAA'], ['VAPID_SUBJECT', 'ops'],
  ['SLACK_BOT_TOKEN', 'xoxp-1'], ['SLACK_WEBHOOKS', '{"Alerts": "https://hooks.slack.com/1"}'], ['SLACK_WEBHOOKS', 'x'], ['AUDIENCE_ENDPOINTS', '{"ads": {}}'],
  ['WEBHOOK_ENDPOINTS', '{"crm":{"url":"https://x"}}'], ['WEBHOOK_ENDPOINTS', '{"crm":{"url":"https://x","secret":"topsecret"}}'],
])('%s=%j is refused in one sentence', (name, value) => {
  const sentences = refused({ [name]: value })
  expect(sentences).toHaveLength(1)
  expect(sentences[0]).toMatch(new RegExp(`^${name} .*(must|needs).*\\.$`, 's'))
  expect(sentences[0]).not.toContain('topsecret')
}) // prettier-ignore

test('every wrong key is named at once', () => {
  const sentences = refused({
    PORT: 'x',
    LOG_LEVEL: 'x',
    NODE_ENV: 'production',
    FAST_FORWARD: 'on',
    PROT: '1',
  })
  expect(sentences.map((sentence) => sentence.split(' ')[0]).sort()).toEqual([
    'FAST_FORWARD',
    'LOG_LEVEL',
    'PORT',
    'PROT',
  ])
})

test.each([
  ['PROT', 'PORT'], ['POT', 'PORT'], ['DATABASE_URI', 'DATABASE_URL'], ['DATABASEURL', 'DATABASE_URL'], ['API_KEIS', 'API_KEYS'],
  ['MAIL_FORM', 'MAIL_FROM'], ['FASTFORWARD', 'FAST_FORWARD'], ['SOJOURN_PORT', 'PORT'], ['log_level', 'LOG_LEVEL'],
])('%s is taken for a slip of %s', (name, meant) => {
  expect(refused({ [name]: 'topsecret' })).toEqual([`${name} is not a setting; did you mean ${meant}?`])
}) // prettier-ignore

test('SOJOURN_ names are ours, and wrong; other programs’ names are theirs', () => {
  expect(refused({ SOJOURN_COLOUR: 'red' })[0]).toContain('SOJOURN_COLOUR is not a setting')
  const others = [
    'HOME',
    'PATH',
    'HOSTNAME',
    'HOSTTYPE',
    'PWD',
    'SMTP_HOST',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_API_KEY',
    'DEBUG',
    'LOGNAME',
    'NODE_OPTIONS',
    'PORT_RANGE',
    'SECRET',
    'TZ',
    'npm_config_host',
  ]
  expect(loadConfig(Object.fromEntries(others.map((name) => [name, 'x'])))).toMatchObject({ port: 3000 })
})

test('approval of limits needs two admin keys, where there are keys at all', () => {
  const keys = (...roles: string[]) => roles.map((role, at) => `${role}:key${at}:${hash}`).join(', ')
  const on = { LIMITS_APPROVAL: 'true' }
  expect(refused(on)).toEqual([expect.stringMatching(/^LIMITS_APPROVAL .*two admin keys/)])
  expect(refused({ ...on, API_KEYS: keys('admin', 'operate') })).toHaveLength(1)
  expect(loadConfig({ ...on, API_KEYS: keys('admin', 'read', 'admin') }).limitsApproval).toBe(true)
  expect(loadConfig({ ...on, NODE_ENV: 'production' }).limitsApproval).toBe(true)
})

describe('the development key', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('is served on %s', (host) => {
    expect(loadConfig({ HOST: host }).open).toBe(true)
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com'])(
    'is never served on %s',
    (host) => {
      expect(refused({ HOST: host })[0]).toMatch(/^HOST is ".*loopback/)
      expect(loadConfig({ HOST: host, API_KEYS: `admin:ops:${hash}` }).open).toBe(false)
    },
  )

  test('does not exist in production', () => {
    expect(loadConfig({ NODE_ENV: 'production', HOST: '0.0.0.0' })).toMatchObject({
      apiKeys: [],
      open: false,
      fastForward: false,
    })
  })
})

test('a process says what it needs', () => {
  const config = loadConfig({ NODE_ENV: 'production' })
  expect(() => needSettings(config, ['API_KEYS', 'DATABASE_URL', 'PORT'])).toThrow(
    /^API_KEYS is not set.*\nDATABASE_URL is not set.*$/,
  )
  expect(() => needSettings(loadConfig({}), ['API_KEYS', 'HOST'])).not.toThrow()
})

test('the table names every setting with its default and a line', () => {
  const rows = describeConfig().split('\n').slice(2)
  expect(rows).toContain('| PORT | `3000` | port of the API; 0 takes a free one |')
  for (const row of rows) expect(row).toMatch(/^\| [A-Z_]+ \| .* \| .{10,} \|$/)
})

test('the log holds no keys, addresses or bodies, wherever they stand', () => {
  const lines: string[] = []
  const logger = createLogger(
    'info',
    new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) }),
  )
  const secrets = {
    authorization: 'topsecret',
    key: 'topsecret',
    email: 'topsecret',
    html: 'topsecret',
    body: 'topsecret',
  }
  logger.info(
    { ...secrets, headers: secrets, request: { headers: { ...secrets, 'set-cookie': 'topsecret' } } },
    'said',
  )
  logger.error({
    err: Object.assign(new Error('to postgres://u:topsecret@db for topsecret@example.com'), {
      detail: 'topsecret',
    }),
  })
  logger.error(new Error('to topsecret@example.com'))
  logger.warn('to %s', 'topsecret@example.com')
  expect(lines.join('')).toContain('said')
  expect(lines).toHaveLength(4)
  expect(lines.join('')).not.toContain('topsecret')
})

describe('retention', () => {
  test('is for ever unless said', () => {
    const config = loadConfig({ TOUCHPOINT_RETENTION: 'forever' })
    expect([config.eventRetention, config.touchpointRetention]).toEqual([undefined, undefined])
  })

  test('has a floor, for what leans on it', () => {
    expect(refused({ EVENT_RETENTION: '34 days', TOUCHPOINT_RETENTION: '5 months' })).toEqual([
      'EVENT_RETENTION is "34 days"; it must be at least 35 days: repeats of an event are known by what is kept, also those sent weeks later.',
      'TOUCHPOINT_RETENTION is "5 months"; it must be at least 180 days: that a message is sent once, frequency caps and the links in mails lean on what is kept.',
    ])
  })

  test('is a duration', () => {
    expect(refused({ EVENT_RETENTION: 'never' })).toEqual([
      `EVENT_RETENTION is "never"; it must be 'forever' or a number, a space and a unit, like '400 days' or '13 months'.`,
    ])
  })
})

test('links in production’s mails need https', () => {
  const url = { PUBLIC_URL: 'http://journeys.example' }
  expect(refused({ ...url, NODE_ENV: 'production' })).toEqual([expect.stringMatching(/^PUBLIC_URL .*https/)])
  expect(loadConfig(url).publicUrl).toBe('http://journeys.example')
  const here = { PUBLIC_URL: 'http://localhost:3000', NODE_ENV: 'production' }
  expect(loadConfig(here).publicUrl).toBe('http://localhost:3000')
})

test('production is told how customers reach it, and assumes nothing', () => {
  expect(() => needSettings(loadConfig({}), ['PUBLIC_URL'])).not.toThrow()
  expect(() => needSettings(loadConfig({ NODE_ENV: 'production' }), ['PUBLIC_URL'])).toThrow(
    /^PUBLIC_URL is not set;/,
  )
})
