import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createModels } from '../activities/models'
import { modelSettingsOf } from '../activities/models/settings'
import { createSources } from '../activities/sources'
import { fastForwarder } from '../api/fast-forward'
import { startApi } from '../api/listen'
import { rolloutGateway } from '../api/rollout-gateway'
import { startMailListener } from '../api/mail'
import { createMetrics } from '../api/metrics'
import { temporalGateway } from '../api/temporal-gateway'
import { createChannels, createReceiptSources, signedByEndpoint, taskWebhook } from '../channels'
import { signedLinks } from '../channels/links'
import { allReceiptSettings, channelSettings } from '../channels/accounts'
import { type Config, ConfigError, loadConfig, surroundings } from '../config'
import { createLogger } from '../logger'
import { customerRef } from '../sdk/customer-ref'
import { deploymentName } from '../sdk/worker-deployment'
import { openStore } from '../store'
import type { Store } from '../store/store'
import { agentQueue } from './agent-queue'
import { assembleDispatcher, assembleWorker, type Deployment } from './assembly'
import { retentionIn } from './dispatcher/upkeep'
import { configuredConnection, connectTemporal, type TemporalConnections } from './connection'
import { Demo, newsLine } from './demo/demo'
import { makeBuild } from './make-build'
import { Running } from './running'
import { installRuntime } from './runtime'
import { startHelpdesk } from './servers/helpdesk'
import { startInbox } from './servers/inbox'
import { portIsFree } from './servers/ports'
import { startTemporal } from './servers/temporal'
import { needVersioning, rollOutOwn } from './versioning'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** `npm start`: everything in one terminal, on loopback. */
async function main(): Promise<void> {
  const config = loadConfig(undefined, { DEMO: 'true', LOG_LEVEL: 'error' })
  const running = new Running(print)
  const stopped = stopOnSignal(running)
  try {
    await start(config, running)
  } catch (error) {
    if (stopped.yet) return
    print(`Sojourn cannot start: ${(error as Error).message}`)
    await running.stop()
    process.exit(1)
  }
}

function stopOnSignal(running: Running): { yet: boolean } {
  const stopped = { yet: false }
  const stop = (): void => {
    if (stopped.yet) return
    stopped.yet = true
    print('\nStopping …')
    setTimeout(() => process.exit(1), 9_500).unref()
    void running.stop().then(() => {
      print('Stopped. Everything is kept; `npm start` goes on from here.')
      process.exit(0)
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  return stopped
}

async function start(config: Config, running: Running): Promise<void> {
  const logger = createLogger(config.logLevel)
  installRuntime(logger)
  mkdirSync(config.dataDir, { recursive: true })
  // Temporal's ports are asked later: a server that outlived a kill -9 of ours is ended first.
  await portIsFree(config.port, 'PORT')
  await portIsFree(config.smtpPort, 'SMTP_PORT')
  const store = await openStore({ url: config.databaseUrl, dataDir: config.dataDir, say: print })
  running.add('database', { stop: () => store.close() })
  const servers = await startServers(config, running)
  print('Building the journeys …')
  const build = await makeBuild(logger)
  const temporal = await connectTemporal(servers.temporal)
  running.add('Temporal connection', { stop: () => temporal.close() })
  const { taskQueue, workerVersioning: versioned } = config
  if (versioned) await needVersioning(temporal, taskQueue)
  const deployment = { store, build, namespace: temporal.namespace, taskQueue, versioned, logger }
  await startSojourn(config, running, servers, deployment, temporal)
  greet(config, servers)
  if (config.demo) await demo(config, running, store, servers)
}

type Servers = Awaited<ReturnType<typeof startServers>>

/** What stands around Sojourn in development: mail, a call centre, Temporal. */
async function startServers(config: Config, running: Running) {
  const inbox = running.add(
    'inbox',
    await startInbox({ port: config.smtpPort, dir: path.join(config.dataDir, 'mail'), say: print }),
  )
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  const asks = (topic: string, customer: string): void =>
    print(`${' '.repeat(24)} ${customer.padEnd(10)} ${'helpdesk'.padEnd(18)} ← ${topic}`)
  const helpdesk = running.add('helpdesk', await startHelpdesk(secret, asks))
  const { searchPath, temporalAddress: address, cacheDir } = surroundings()
  const { temporalPort: port, uiPort, dataDir, temporalCliPath: cliPath } = config
  const ours = { dataDir, cliPath, port, uiPort, searchPath, cacheDir, say: print }
  const elsewhere = address ? { address, connection: configuredConnection() } : {}
  const temporal = running.add('Temporal', await startTemporal({ ...ours, ...elsewhere }))
  return {
    inbox,
    temporal,
    endpoints: { helpdesk: { url: helpdesk.url, secret }, ...config.webhookEndpoints },
  }
}

async function startSojourn(
  config: Config,
  running: Running,
  servers: Servers,
  deployment: Deployment,
  temporal: TemporalConnections,
): Promise<void> {
  const withSecrets = { ...config, secretKeys: secretsOf(config) }
  const links = signedLinks(withSecrets.secretKeys, config.publicUrl)
  const webhooks = { endpoints: servers.endpoints, allowPrivate: true }
  const smtpUrl = config.smtpUrl ?? servers.inbox.url
  const { store } = deployment
  const ours = { agents: agentQueue(store), inbox: store.inbox }
  const channels = createChannels({ ...channelSettings(withSecrets, { smtpUrl, ...webhooks }), ...ours })
  running.add('channels', { stop: () => channels.close() })
  const announce = (news: Parameters<typeof newsLine>[0]): void => print(newsLine(news))
  const connection = temporal.native
  const models = startModels(config, running)
  const worker = await assembleWorker({ ...deployment, connection, channels, links, ...models, announce })
  running.add('worker', worker)
  const rollout = rolloutOf(deployment, temporal)
  const { build } = deployment.build.manifest
  if (rollout) await rollOutOwn(() => rollout.roll(build, 100, 'npm start'))
  worker.running.catch((error: Error) => print(`The journey worker stopped: ${error.message}`))
  const { defaultTimeZone, customerIdKey, tasksWebhook } = config
  const owner = `dev-${process.pid}`
  const dispatching = {
    ...deployment,
    client: temporal.client,
    owner,
    defaultTimeZone,
    customerIdKey,
    audiences: channels,
    retention: retentionIn(config),
    taskWebhook: tasksWebhook === undefined ? undefined : taskWebhook(tasksWebhook, webhooks),
  }
  running.add('dispatcher', await assembleDispatcher(dispatching))
  await startWaysIn(withSecrets, running, servers, deployment, temporal)
}

/** HTTP, and the mail that comes back. */
async function startWaysIn(
  config: Config,
  running: Running,
  servers: Servers,
  deployment: Deployment,
  temporal: TemporalConnections,
): Promise<void> {
  const metrics = createMetrics()
  const { logger, store } = deployment
  const mail = await startMailListener({ config, store, metrics, logger })
  if (mail) running.add('mail listener', mail)
  const deps = { ...apiDeps(config, servers, deployment, temporal), metrics }
  running.add('API', await startApi(deps, config.host, config.port))
}

const rolloutOf = ({ versioned, taskQueue }: Deployment, { client }: TemporalConnections) =>
  versioned ? rolloutGateway(client, deploymentName(taskQueue)) : undefined

/** Models of the adopter's own, and the databases that they and decisions read. */
function startModels(config: Config, running: Running) {
  const sources = createSources(config.sourceDatabases)
  running.add('databases of your own', { stop: () => sources.close() })
  const models = createModels(modelSettingsOf(config, sources))
  running.add('models', { stop: () => models.close() })
  return { sources, models }
}

const apiDeps = (
  config: Config,
  { inbox, temporal: server, endpoints }: Servers,
  deployment: Deployment,
  temporal: TemporalConnections,
): Parameters<typeof startApi>[0] => ({
  inbox,
  store: deployment.store,
  logger: deployment.logger,
  temporal: temporalGateway(temporal.client),
  rollout: rolloutOf(deployment, temporal),
  receiptSources: createReceiptSources(allReceiptSettings(config)),
  taskOrders: config.tasksWebhook ? signedByEndpoint(config.tasksWebhook, { endpoints }) : undefined,
  manifest: async () => deployment.build.manifest,
  keys: config.apiKeys,
  open: config.open,
  secrets: secretsOf(config),
  publicUrl: config.publicUrl,
  limitsApproval: config.limitsApproval,
  defaultTimeZone: config.defaultTimeZone,
  customerRef: customerRef(config.customerIdKey),
  fastForward:
    config.fastForward && server.timeSkipping ? fastForwarder(temporal.client, deployment.store) : undefined,
  temporalUi: server.uiUrl,
})

/** Links in mails must still work after a restart. */
function secretsOf({ secretKeys, dataDir }: Config): string[] {
  if (secretKeys) return secretKeys
  const file = path.join(dataDir, 'link-secret')
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 })
  return [readFileSync(file, 'utf8')]
}

function greet(config: Config, { temporal, inbox }: Servers): void {
  const url = `http://${config.host}:${config.port}`
  const lines = [
    '',
    'Sojourn runs.',
    `  console      ${url}/console`,
    `  mails        ${url}/console/mail`,
    `  calls        ${url}/console/tasks`,
    `  API          ${url}/docs   (key: ${config.open ? 'dev' : 'as in API_KEYS'})`,
    `  Temporal UI  ${temporal.uiUrl ?? `none; the server is at ${temporal.address}`}`,
    `  inbox        ${config.smtpUrl ? 'not used: SMTP_URL is set' : inbox.url}`,
    '',
  ]
  for (const line of lines) print(line)
}

async function demo(config: Config, running: Running, store: Store, { temporal }: Servers): Promise<void> {
  if (!config.open)
    return print('The demo needs the development key `dev`; with API_KEYS set it does not run.')
  const { unsubscribe } = signedLinks(secretsOf(config), config.publicUrl)
  const url = `http://${config.host}:${config.port}`
  const show = new Demo({
    store,
    url,
    print,
    canMoveTime: temporal.timeSkipping,
    unsubscribeUrl: unsubscribe,
  })
  running.add('demo', { stop: async () => show.stop() })
  await show.run()
}

main().catch((error: unknown) => {
  print(error instanceof ConfigError ? error.message : `Sojourn cannot start: ${(error as Error).message}`)
  process.exit(1)
})
