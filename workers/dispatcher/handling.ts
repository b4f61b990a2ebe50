import { deviceNews } from '../../sdk/device'
import type { Manifest } from '../../sdk/manifest'
import { BeingDeleted } from '../../store'
import type { Store, StoredEvent } from '../../store/store'
import type { Enrollments } from './enrollments'
import { noted } from './receipts'

/** A server is away; no event is to blame. */
export class Unreachable extends Error {}

/** The entry before was recorded as ended, and its workflow is about to be. */
export class StillEnding extends Error {}

export type Handled =
  | { readonly is: 'handled' }
  | { readonly is: 'set-aside'; readonly because: string }
  /** It is to be handled again after `ms`, before the customer's next; nothing is wrong with it. */
  | { readonly is: 'waits'; readonly ms: number }
export type Handling = (event: StoredEvent) => Promise<Handled>

export interface HandlingDeps {
  readonly store: Store
  readonly manifest: Manifest
  readonly enrollments: Enrollments
  /** What is wrong with a known event's properties, or undefined. */
  readonly misfit: (name: string, properties: Record<string, unknown>) => string | undefined
  readonly deletion: Handling
}

const handled: Handled = { is: 'handled' }

/** What each kind of event does. */
export function handling(deps: HandlingDeps): Handling {
  const { enrollments } = deps
  const { customers } = deps.store
  const kinds: Record<StoredEvent['kind'], (event: StoredEvent, customerId: string) => Promise<Handled>> = {
    track: (event, customerId) => track(deps, event, customerId),
    identify: (event, customerId) => identify(deps, event, customerId),
    alias: (event, customerId) => done(customers.merge(event.name, customerId)),
    group: (event, customerId) => done(customers.group(customerId, event.name, event.properties)),
    enroll: (event, customerId) => enroll(deps, event, customerId),
    receipt: async (event, customerId) =>
      (await noted(deps.store, event, customerId)) ? track(deps, event, customerId) : handled,
    task: (event) => done(enrollments.tellAsker(event)),
    page: async () => handled,
    screen: async () => handled,
    delete: deps.deletion,
  }
  return async (event) => {
    try {
      const { id, known } = await customers.whose(event.customerId)
      if (!known && recording.has(event.kind)) await customers.identify(id, {}, 0)
      return await kinds[event.kind](event, id)
    } catch (error) {
      if (error instanceof BeingDeleted) return whileDeleting(event, error)
      if (error instanceof StillEnding && Date.now() - event.receivedAt < ENDS_WITHIN_MS)
        return { is: 'waits', ms: LOOK_AGAIN_MS }
      throw error
    }
  }
}

const LOOK_AGAIN_MS = 1_000
/** A workflow that takes longer is stuck, and must not hold up all else that the customer does. */
const ENDS_WITHIN_MS = 10 * 60_000

/** What comes up of the customer before the deletion does goes with them; news of others, or under a merged id, waits until it is over. */
const whileDeleting = (event: StoredEvent, { customerId }: BeingDeleted): Handled =>
  event.customerId === customerId ? handled : { is: 'waits', ms: LOOK_AGAIN_MS }

/** Whoever does one of these gets a record. */
const recording: ReadonlySet<StoredEvent['kind']> = new Set(['track', 'page', 'screen', 'enroll'])

async function track(
  { store, misfit, enrollments, manifest }: HandlingDeps,
  event: StoredEvent,
  customerId: string,
): Promise<Handled> {
  const wrong = misfit(event.name, event.properties)
  if (wrong) return { is: 'set-aside', because: `its properties do not fit the catalog: ${wrong}` }
  const news = deviceNews(event.name, event.properties)
  if (news?.is === 'wrong') return { is: 'set-aside', because: news.because }
  if (news) await store.devices[news.is](customerId, news.device, event.occurredAt)
  await store.decisions.reward(customerId, event)
  await enrollments.tell(customerId, event)
  for (const outline of Object.values(manifest.journeys)) {
    if (outline.enrollOn.some((use) => enrollments.fits(use, event)))
      await enrollments.enter(outline, customerId, event)
  }
  return handled
}

async function identify(
  { store, enrollments }: HandlingDeps,
  event: StoredEvent,
  customerId: string,
): Promise<Handled> {
  if (event.anonymousId && event.anonymousId !== event.customerId)
    await store.customers.merge(event.anonymousId, customerId)
  const changed = await store.customers.identify(customerId, event.properties, event.occurredAt)
  if (Object.keys(changed).length > 0) await enrollments.tellProfile(customerId, changed)
  return handled
}

async function enroll(
  { store, manifest, enrollments }: HandlingDeps,
  event: StoredEvent,
  customerId: string,
): Promise<Handled> {
  // In a rolling deploy a journey of the build that comes is asked for while we are still there.
  const known = manifest.journeys[event.name] ? manifest : await store.builds.current()
  const outline = known?.journeys[event.name]
  if (!outline) return { is: 'set-aside', because: `this build has no journey "${event.name}"` }
  const { key, properties, instead } = event.properties as EnrollRequest
  const rules = instead ? { ...outline, reentry: 'after-end' as const } : outline
  await enrollments.enter(
    rules,
    customerId,
    { ...event, name: 'Enrolled', properties: properties ?? {} },
    { key: asKey(key), build: known.build },
  )
  return handled
}

interface EnrollRequest {
  key?: unknown
  properties?: Record<string, unknown>
  instead?: boolean
}

const asKey = (key: unknown): string | undefined =>
  typeof key === 'string' || typeof key === 'number' ? String(key) : undefined

async function done(work: Promise<unknown>): Promise<Handled> {
  await work
  return handled
}
