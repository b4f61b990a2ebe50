import type { ApiDeps } from '../../api/deps'
import { startApi } from '../../api'
import type { EnrollmentStatus, TemporalGateway, TimelineEntry, Updated } from '../../api/temporal-gateway'
import { createLogger } from '../../logger'
import type { JourneyOutline, Manifest } from '../../sdk'
import { enrollmentId } from '../../sdk/ids'
import { Problem } from '../../sdk/problem'
import type { Store, StoredEvent } from '../../store/store'
import { keyNamed } from '../support/keys'
import { freshStore } from '../support/postgres'

export const keys = [
  keyNamed('ingest-key', 'ingest'),
  keyNamed('read-key', 'read'),
  keyNamed('operate-key', 'operate'),
  keyNamed('admin-key', 'admin'),
]

export const secrets = ['a-secret-that-signs-links-in-tests-only']

/** What Temporal would know, set by the test. */
export class FakeTemporal implements TemporalGateway {
  away = false
  readonly statuses = new Map<string, EnrollmentStatus>()
  readonly updates: { id: string; name: string; input: object; updateId: string }[] = []
  answer: Updated | undefined

  async status(id: string): Promise<EnrollmentStatus | undefined> {
    return this.reached(this.statuses.get(id))
  }
  async timeline(id: string): Promise<readonly TimelineEntry[]> {
    return this.reached(
      this.statuses.has(id) ? [{ at: '2026-01-01T00:00:00.000Z', what: 'entered', words: 'entered' }] : [],
    )
  }
  async update(id: string, name: string, input: object, updateId: string): Promise<Updated> {
    this.reached(undefined)
    this.updates.push({ id, name, input, updateId })
    const status = this.statuses.get(id)
    return this.answer ?? (status ? { is: 'done', status } : { is: 'gone' })
  }
  async countByStep(journey: string, steps: readonly string[]): Promise<Record<string, number>> {
    const at = (step: string) =>
      this.all().filter((each) => each.journey === journey && each.step === step).length
    return this.reached(Object.fromEntries(steps.map((step) => [step, at(step)])))
  }
  async listByStep(step: string, journey: string | undefined) {
    const here = this.all().filter(
      (each) => each.step === step && (journey === undefined || each.journey === journey),
    )
    return this.reached({ ids: here.map(({ id }) => id), next: null })
  }
  async stepsOf(ids: readonly string[]): Promise<Map<string, string>> {
    const known = this.all().filter(({ id }) => ids.includes(id))
    return this.reached(new Map(known.map(({ id, step }) => [id, step!])))
  }
  async ping(): Promise<void> {
    this.reached(undefined)
  }

  private all = () => [...this.statuses.values()]

  private reached<Value>(value: Value): Value {
    if (this.away) throw new Problem('temporal-unavailable', 'Temporal: away')
    return value
  }
}

export const outline = (name: string, more: Partial<JourneyOutline> = {}): JourneyOutline => ({
  name,
  description: `What ${name} is for.`,
  enrollOn: [{ name: 'Trial Started', conditions: {} }],
  reentry: 'once',
  exitOn: [],
  holdout: 0.05,
  category: 'marketing',
  priority: 40,
  stages: ['start'],
  steps: [
    { id: 'welcome', verb: 'send', messages: [{ channel: 'email', template: 'trial/welcome' }] },
    { id: 'first-week', verb: 'waitFor' },
  ],
  listensTo: [],
  listensToAnyKey: [],
  watchesTraits: [],
  ...more,
})

export const manifest: Manifest = {
  build: 'build-1',
  journeys: {
    trialOnboarding: outline('trialOnboarding'),
    cartRecovery: outline('cartRecovery', { key: 'cartId', reentry: 'after-end' }),
    winBack: outline('winBack', { reentry: { after: '30 days' } }),
  },
}

export interface TestApi {
  readonly url: string
  readonly store: Store
  readonly temporal: FakeTemporal
  /** With the admin key, unless the init has other headers. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: any
}

const opened: (() => Promise<void>)[] = []

/** Stops every API of this file, the newest first, and closes their databases. */
export async function stopAll(): Promise<void> {
  for (const stop of opened.splice(0).reverse()) await stop()
}

/** The API on a real database in memory, unless it is given another. */
export async function testApi(more: Partial<ApiDeps> = {}): Promise<TestApi> {
  const store = more.store ?? (await freshStore())
  const temporal = new FakeTemporal()
  const deps: ApiDeps = {
    store,
    temporal,
    manifest: async () => manifest,
    keys,
    secrets,
    publicUrl: 'http://journeys.example',
    logger: createLogger('silent'),
    ...more,
  }
  const api = await startApi(deps, '127.0.0.1', 0)
  const stop = async () => {
    await api.stop()
    if (!more.store) await store.close()
  }
  opened.push(stop)
  return { url: api.url, store, temporal, call: (...asked) => call(api.url, ...asked) }
}

async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: 'Bearer admin-key',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body:
      body === undefined || typeof body === 'string' || body instanceof Uint8Array
        ? (body as string)
        : JSON.stringify(body),
    redirect: 'manual',
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}

/** The only event the database holds for a customer. */
export async function onlyEvent(store: Store, customerId: string): Promise<StoredEvent> {
  const { items } = await store.events.ofCustomer(customerId, { limit: 10 })
  expect(items).toHaveLength(1)
  return items[0]!
}

export async function eventCount(store: Store): Promise<number> {
  const { pending, setAside } = await store.events.backlog()
  return pending + setAside
}

/** Handles enroll events as the dispatcher does, as far as these tests see. Returns how to stop. */
export function dispatchEnrolls(store: Store): () => Promise<void> {
  let stopped = false
  const lanes = Array.from({ length: store.lanes.count }, (_, lane) => lane)
  const run = async () => {
    while (!stopped) {
      for (const event of await store.events.pending(lanes, [], 100)) await enter(store, event)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const running = run()
  return async () => {
    stopped = true
    await running
  }
}

async function enter(store: Store, event: StoredEvent): Promise<void> {
  const { key } = event.properties as { key?: string }
  const { reentry } = manifest.journeys[event.name]!
  const verdict = await store.enrollments.enter({
    id: enrollmentId(event.name, event.customerId, key),
    journey: event.name,
    customerId: event.customerId,
    key,
    build: manifest.build,
    enrolledBy: event.messageId,
    reentry: typeof reentry === 'string' ? reentry : 30 * 24 * 60 * 60 * 1000,
    now: Date.now(),
  })
  if (verdict.is === 'entered')
    await store.enrollments.started(verdict.enrollment.id, verdict.enrollment.entry)
  await store.events.handled([event])
}

export const statusOf = (id: string, more: Partial<EnrollmentStatus> = {}): EnrollmentStatus => ({
  id,
  entry: 1,
  journey: id.split(':')[0]!,
  customerId: id.split(':')[1]!,
  key: null,
  status: 'running',
  stage: 'start',
  step: 'first-week',
  waits: [
    {
      step: 'first-week',
      verb: 'waitFor',
      since: '2026-01-01T00:00:00.000Z',
      until: '2026-01-08T00:00:00.000Z',
    },
  ],
  heldOut: false,
  startedAt: '2026-01-01T00:00:00.000Z',
  startedAheadMs: 0,
  asOf: '2026-01-02T00:00:00.000Z',
  outcome: null,
  ...more,
})
