import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Client, Connection } from '@temporalio/client'
import type { temporal } from '@temporalio/proto'
import { NativeConnection } from '@temporalio/worker'
import { createApi } from '../../api'
import { fastForwarder } from '../../api/fast-forward'
import { rolloutGateway } from '../../api/rollout-gateway'
import { temporalGateway } from '../../api/temporal-gateway'
import { createModels, type ModelSettings } from '../../activities/models'
import { createSources } from '../../activities/sources'
import {
  createChannels,
  createReceiptSources,
  signedByEndpoint,
  taskWebhook,
  type ChannelSettings,
} from '../../channels'
import { signedLinks } from '../../channels/links'
import { createLogger, type Level, type Logger } from '../../logger'
import type { Manifest } from '../../sdk'
import { customerRef } from '../../sdk/customer-ref'
import { deploymentName } from '../../sdk/worker-deployment'
import { openStore } from '../../store'
import type { Store, TouchpointRow } from '../../store/store'
import { agentQueue } from '../../workers/agent-queue'
import { assembleDispatcher, assembleWorker } from '../../workers/assembly'
import type { Build } from '../../workers/bundle'
import type { Dispatcher } from '../../workers/dispatcher/dispatcher'
import { makeBuild } from '../../workers/make-build'
import type { JourneyWorker } from '../../workers/journey-worker'
import { installRuntime } from '../../workers/runtime'
import { type Inbox, startInbox } from '../../workers/servers/inbox'
import { embeddedStore } from './embedded'
import { keyNamed } from './keys'
import { freshDatabase } from './postgres'
import { until } from './until'

export interface WorldOptions {
  /** Default: a new one on the test run's Postgres. */
  readonly database?: 'embedded' | { readonly url: string }
  readonly customerIdKey?: string
  readonly wrapStore?: (store: Store) => Store
  /** A folder of workflows other than the shipped ones, built on the spot. */
  readonly workflows?: string
  /** Made before, in place of the shipped one. */
  readonly build?: Build
  /** Whether stages stay on the build that they began on. */
  readonly versioned?: boolean
  /** How long a deletion lets what is under way settle. */
  readonly settleMs?: number
  /** SMTP address other than the inbox's. */
  readonly smtpUrl?: string
  /** Providers beside or in place of these. */
  readonly channels?: ChannelSettings
  readonly models?: Partial<ModelSettings>
  /** Databases of the adopter's own, by name. */
  readonly sources?: Readonly<Record<string, string>>
}

/** Everything a deployment has, in one test process: real Temporal, real database, real SMTP, the HTTP API. */
export class World {
  worker!: JourneyWorker
  private dispatcher!: Dispatcher
  private readonly closers: (() => Promise<unknown>)[] = []

  private constructor(
    readonly store: Store,
    readonly client: Client,
    readonly inbox: Inbox,
    readonly webhooks: Webhooks,
    readonly manifest: Manifest,
    readonly taskQueue: string,
    readonly url: string,
    /** Of Postgres. */
    readonly databaseUrl: string | undefined,
    private readonly starting: {
      readonly worker: (given?: Build) => Promise<JourneyWorker>
      readonly dispatcher: (given?: Build) => Promise<Dispatcher>
    },
  ) {}

  static async open(options: WorldOptions = {}): Promise<World> {
    const folder = process.env.SOJOURN_TEST_FOLDER!
    const address = process.env.SOJOURN_TEST_TEMPORAL!
    const logger = createLogger((process.env.TEST_LOG ?? 'silent') as Level)
    installOnce(logger)
    const url = await urlOf(options.database)
    const opened = await (url === undefined ? embeddedStore() : openStore({ url }))
    const store = options.wrapStore?.(opened) ?? opened
    const connection = await Connection.connect({ address })
    const native = await NativeConnection.connect({ address })
    const client = new Client({ connection, namespace: 'default' })
    const mails = await mkdtemp(path.join(os.tmpdir(), 'sojourn-mails-'))
    const inbox = await startInbox({ dir: mails })
    const webhooks = await Webhooks.open()
    const build = options.build ?? (await buildOf(options.workflows, folder, logger))
    const { manifest } = build
    const taskQueue = `test-${randomUUID()}`
    const secrets = ['a-secret-that-signs-links-in-tests-only']
    const publicUrl = 'http://127.0.0.1'
    const links = signedLinks(secrets, publicUrl)
    const endpoints = { helpdesk: { url: webhooks.url, secret: webhookSecret } }
    const channels = createChannels({
      smtp: { url: options.smtpUrl ?? inbox.url, from: 'Acorn <hello@acorn.example>' },
      standardWebhook: { endpoints, allowPrivate: true },
      agents: agentQueue(store),
      inbox: store.inbox,
      ...options.channels,
    })
    const sources = createSources(options.sources)
    const models = createModels({ ...options.models, sources })
    const { versioned } = options
    const shared = { store, build, namespace: 'default', taskQueue, versioned, logger }
    const dispatching = {
      ...shared,
      client,
      owner: 'test',
      defaultTimeZone: 'UTC',
      customerIdKey: options.customerIdKey,
    }
    const startDispatcher = (given = build) =>
      assembleDispatcher({
        ...dispatching,
        build: given,
        taskWebhook: taskWebhook('helpdesk', { endpoints, allowPrivate: true }),
      })
    const api = createApi({
      store,
      temporal: temporalGateway(client),
      rollout: versioned ? rolloutGateway(client, deploymentName(taskQueue)) : undefined,
      manifest: async () => manifest,
      keys: [keyNamed('test', 'admin')],
      secrets,
      publicUrl,
      receiptSources: createReceiptSources(options.channels ?? {}),
      taskOrders: signedByEndpoint('helpdesk', { endpoints }),
      fastForward: fastForwarder(client, store),
      customerRef: customerRef(options.customerIdKey),
      limits: options.settleMs === undefined ? {} : { settleMs: options.settleMs },
      logger,
    })
    const server = await new Promise<Server>((resolve) => {
      const listening = api.listen(0, '127.0.0.1', () => resolve(listening))
    })
    const startWorker = (given = build): Promise<JourneyWorker> =>
      assembleWorker({ ...shared, build: given, connection: native, channels, links, models, sources })
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const starting = { worker: startWorker, dispatcher: startDispatcher }
    const world = new World(store, client, inbox, webhooks, manifest, taskQueue, apiUrl, url, starting)
    world.dispatcher = await startDispatcher()
    world.worker = await startWorker()
    world.closers.push(
      () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
      () => world.dispatcher.stop(),
      () => world.worker.stop(),
      () => channels.close(),
      () => models.close(),
      () => sources.close(),
      () => store.close(),
      () => inbox.stop(),
      () => webhooks.close(),
      () => connection.close(),
      () => native.close(),
      () => rm(mails, { recursive: true, force: true }),
    )
    return world
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close()
  }

  /** A worker that lost its memory: every enrollment is replayed from its history. */
  async restartWorker(): Promise<void> {
    await this.worker.stop()
    this.worker = await this.starting.worker()
  }

  /** A worker of another build in place of the one there was. */
  async takeOver(build: Build): Promise<void> {
    await this.worker.stop()
    this.worker = await this.starting.worker(build)
  }

  /** A dispatcher of another build in place of the one there was. */
  async dispatchBy(build: Build): Promise<void> {
    await this.dispatcher.stop()
    this.dispatcher = await this.starting.dispatcher(build)
  }

  /** A worker beside the others, until the world is closed. */
  async join(build: Build): Promise<JourneyWorker> {
    const worker = await this.starting.worker(build)
    this.closers.unshift(() => worker.stop())
    return worker
  }

  async call(method: string, target: string, body?: unknown): Promise<{ status: number; body: any }> {
    const response = await fetch(this.url + target, {
      method,
      headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  async identify(customer: string, traits: Record<string, unknown>): Promise<void> {
    await this.accepted('/v1/identify', { userId: customer, traits, messageId: randomUUID() })
  }

  /** Posts an event and waits until it is handed to the journeys. */
  async event(
    customer: string,
    name: string,
    properties: Record<string, unknown> = {},
    messageId: string = randomUUID(),
  ): Promise<void> {
    await this.accepted('/v1/track', { userId: customer, event: name, properties, messageId })
  }

  async forward(customer: string, by: string): Promise<any> {
    const { status, body } = await this.call(
      'POST',
      `/v1/customers/${encodeURIComponent(customer)}/fast-forward`,
      { by },
    )
    if (status !== 200) throw new Error(`fast-forward: ${status} ${JSON.stringify(body)}`)
    return body
  }

  /** What reached or should have reached the customer, oldest first: `welcome sent`, `offer withheld unsubscribed`. */
  async touchpoints(customer: string): Promise<string[]> {
    return (await this.touchpointRows(customer)).map(({ step, status, because }) =>
      [step, status, because].filter(Boolean).join(' '),
    )
  }

  async touchpointRows(customer: string): Promise<TouchpointRow[]> {
    return (await this.store.touchpoints.ofCustomer(customer, { limit: 200 })).items.toReversed()
  }

  async outcomes(customer: string): Promise<Record<string, unknown>> {
    const { items } = await this.store.enrollments.list({ customerId: customer }, { limit: 200 })
    return Object.fromEntries(items.map((row) => [row.journey, row.outcome ?? row.status]))
  }

  /** Resolves once the customer's touchpoints are these. */
  async untilTouchpoints(customer: string, expected: readonly string[]): Promise<void> {
    const settled = async (): Promise<number> =>
      (await this.touchpointRows(customer)).filter(({ status }) => status !== 'sending').length
    await until(
      async () => (await settled()) >= expected.length,
      () => this.whereabouts(customer),
    )
    expect(await this.touchpoints(customer)).toEqual(expected)
  }

  async untilOutcome(customer: string, journey: string, expected: unknown): Promise<void> {
    await until(
      async () => typeof (await this.outcomes(customer))[journey] === 'object',
      () => this.whereabouts(customer),
    )
    expect((await this.outcomes(customer))[journey]).toEqual(expected)
  }

  /** All that a failing test can tell of a customer: ledger, events, and where Temporal stands with each enrollment. */
  private async whereabouts(customer: string): Promise<object> {
    const events = (await this.store.events.ofCustomer(customer, { limit: 20 })).items
    const { items } = await this.store.enrollments.list({ customerId: customer }, { limit: 20 })
    return {
      touchpoints: await this.touchpoints(customer),
      events: events.map(({ name, state, attempts }) => [name, state, attempts].join(' ')),
      enrollments: await Promise.all(
        items.map(async (row) => [row.id, row.status, await this.standing(row.id)]),
      ),
      worker: this.worker.ready() ? 'ready' : 'stopped',
    }
  }

  private async standing(workflowId: string): Promise<object | string> {
    const handle = this.client.workflow.getHandle(workflowId)
    try {
      const { raw } = await handle.describe()
      const { events } = await handle.fetchHistory()
      return {
        pendingTask: raw.pendingWorkflowTask,
        pendingActivities: raw.pendingActivities,
        history: events?.map(({ eventType, eventTime }) => `${eventType} ${eventTime?.seconds}`).slice(-12),
      }
    } catch (error) {
      return String(error)
    }
  }

  async untilOutcomeOf(id: string, expected: unknown): Promise<void> {
    await until(
      async () => (await this.store.enrollments.get(id))?.status === 'ended',
      () => this.store.enrollments.get(id),
    )
    expect((await this.store.enrollments.get(id))?.outcome).toEqual(expected)
  }

  /** The whole history of a workflow that ends; the ledger knows the end before the last task is written. */
  async wholeHistory(workflowId: string): Promise<temporal.api.history.v1.IHistoryEvent[]> {
    const handle = this.client.workflow.getHandle(workflowId)
    await handle.result()
    return (await handle.fetchHistory()).events!
  }

  /** Resolves once the event is handed to the journeys, or set aside. */
  async settled(messageId: string): Promise<void> {
    await until(
      async () => !['pending', undefined].includes((await this.store.events.byMessageId(messageId))?.state),
    )
  }

  private async accepted(
    target: string,
    body: Record<string, unknown> & { messageId: string },
  ): Promise<void> {
    const { status, body: answer } = await this.call('POST', target, body)
    if (status !== 200) throw new Error(`${target}: ${status} ${JSON.stringify(answer)}`)
    await this.settled(body.messageId)
  }
}

const urlOf = async (database: WorldOptions['database']): Promise<string | undefined> =>
  database === 'embedded' ? undefined : (database?.url ?? freshDatabase())

function installOnce(logger: Logger): void {
  try {
    installRuntime(logger)
  } catch {
    // An earlier world of this process did it.
  }
}

const buildOf = (workflows: string | undefined, folder: string, logger: Logger): Promise<Build> =>
  workflows === undefined ? sharedBuild(folder) : makeBuild(logger, workflows)

async function sharedBuild(folder: string): Promise<Build> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Manifest
  return { manifest, workflowBundle: { codePath: path.join(folder, 'workflows.js') } }
}

export const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

interface Received {
  readonly headers: Record<string, unknown>
  readonly body: string
}

/** A receiver of webhooks on loopback. */
export class Webhooks {
  private constructor(
    readonly received: readonly Received[],
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async open(): Promise<Webhooks> {
    const received: Received[] = []
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Webhooks(received, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, server)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.closeAllConnections()
      this.server.close(() => resolve())
    })
  }
}
