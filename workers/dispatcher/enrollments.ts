import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import { meets } from '../../sdk/condition'
import { changedZone, zoneTraits } from '../../sdk/contact'
import type { CustomerRef } from '../../sdk/customer-ref'
import { isKeptOut } from '../../sdk/definition'
import type { EventFact } from '../../sdk/event'
import { enrollmentId } from '../../sdk/ids'
import { isFor } from '../../sdk/receipt'
import type { EventUse, JourneyOutline, Manifest } from '../../sdk/manifest'
import type { TaskDone } from '../../sdk/task'
import { durationMs } from '../../sdk/time/duration'
import type { CustomerRow, EnrollmentRow, Store, StoredEvent } from '../../store/store'
import { StillEnding } from './handling'
import { Outlines } from './outlines'
import { closedOutcome } from './reconcile'
import { startOptions } from './start'
import { startedBy } from './started-by'
import { reached } from './unreachable'

export interface EnrollmentsDeps {
  readonly store: Store
  readonly client: Client
  readonly manifest: Manifest
  readonly taskQueue: string
  readonly defaultTimeZone: string
  readonly customerRef: CustomerRef
  /** Whether enrollments stay on the build that they began their stage on. */
  readonly versioned?: boolean
}

const STRANGER =
  'Temporal has this enrollment from elsewhere: another deployment uses the namespace, or the database was set back. ' +
  'Give each deployment a namespace of its own, or end that workflow; then replay the event.'

type Traits = Readonly<Record<string, unknown>>

/** Starts enrollments and tells them what they can use. Every call may be repeated. */
export class Enrollments {
  private readonly outlines: Outlines

  constructor(private readonly deps: EnrollmentsDeps) {
    this.outlines = new Outlines(deps)
  }

  fits(use: EventUse, event: StoredEvent): boolean {
    return use.name === event.name && meets(event.properties, use.conditions)
  }

  /** Signals the event to the customer's enrollments that can use it. */
  async tell(customerId: string, event: StoredEvent): Promise<void> {
    for (const row of await this.deps.store.enrollments.live(customerId)) {
      if (row.enrolledBy !== event.messageId && isFor(row, event) && (await this.canUse(row, event)))
        await this.signal(row, 'event', factOf(event))
    }
  }

  /** Signals a changed zone or a watched trait. */
  async tellProfile(customerId: string, changed: Record<string, unknown>): Promise<void> {
    const timeZone = await this.changedZone(customerId, changed)
    for (const row of await this.deps.store.enrollments.live(customerId)) {
      const watched = (await this.outlines.of(row)).flatMap((outline) => outline.watchesTraits)
      const traits = Object.fromEntries(Object.entries(changed).filter(([trait]) => watched.includes(trait)))
      if (timeZone !== undefined || Object.keys(traits).length > 0)
        await this.signal(row, 'profileChanged', { timeZone, traits })
    }
  }

  private async changedZone(customerId: string, changed: Traits): Promise<string | null | undefined> {
    if (!zoneTraits.some((trait) => Object.hasOwn(changed, trait))) return undefined
    const { traits = {} } = (await this.deps.store.customers.get(customerId)) ?? {}
    return changedZone(traits, changed)
  }

  /** Signals that the contact rules changed. */
  async tellRulesChanged(id: string, entry: number): Promise<void> {
    const row = await this.deps.store.enrollments.get(id, entry)
    if (row && row.status !== 'ended') await this.signal(row, 'contactRulesChanged')
  }

  /** Signals what an agent did to the enrollment that asked for it. */
  async tellAsker(event: StoredEvent): Promise<void> {
    const { enrollment, entry } = event.properties as unknown as TaskDone
    const row = await this.deps.store.enrollments.get(enrollment, entry)
    if (row && row.status !== 'ended') await this.signal(row, 'event', factOf(event))
  }

  /** Enrolls the customer as the journey's entry rule allows; the outline is of our build unless another is named. */
  async enter(
    outline: JourneyOutline,
    customerId: string,
    event: StoredEvent,
    asked: { key?: string; build?: string } = {},
  ): Promise<void> {
    const key = asked.key ?? keyOf(outline, event)
    if (outline.key !== undefined && key === undefined) return
    const customer = await this.deps.store.customers.get(customerId)
    const verdict = await this.deps.store.enrollments.enter({
      id: enrollmentId(outline.name, this.deps.customerRef(customerId), key),
      journey: outline.name,
      customerId,
      key,
      build: asked.build ?? this.deps.manifest.build,
      enrolledBy: event.messageId,
      reentry: typeof outline.reentry === 'object' ? durationMs(outline.reentry.after) : outline.reentry,
      heldOut: isKeptOut(outline.name, customerId, outline.holdout),
      now: Date.now() + (customer?.clockOffsetMs ?? 0),
    })
    if (verdict.is !== 'refused' && verdict.enrollment.status === 'starting')
      await this.start(verdict.enrollment, outline, event, customer)
  }

  private async start(
    row: EnrollmentRow,
    outline: JourneyOutline,
    event: StoredEvent,
    customer: CustomerRow | undefined,
  ): Promise<void> {
    const options = startOptions(row, factOf(event), outline, customer, this.deps)
    try {
      await reached(this.deps.client.workflow.start(row.journey, options))
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
      await this.mustBe(row)
    }
    await this.deps.store.enrollments.started(row.id, row.entry)
  }

  /** The workflow that has the id must be this very entry, started by an attempt whose answer was lost. Throws StillEnding, or an Error for a stranger. */
  private async mustBe({ id, entry, enrolledBy }: EnrollmentRow): Promise<void> {
    const there = await reached(startedBy(this.deps.client, id))
    if (there.entry === entry && there.messageId === enrolledBy) return
    const known = await this.deps.store.enrollments.get(id, there.entry)
    if (known?.enrolledBy === there.messageId && there.entry < entry) throw new StillEnding()
    throw new Error(STRANGER)
  }

  private async signal(row: EnrollmentRow, name: string, ...payload: unknown[]): Promise<void> {
    try {
      await reached(this.deps.client.workflow.getHandle(row.id).signal(name, ...payload))
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
      await this.reconcile(row)
    }
  }

  /** The workflow is gone and said nothing: terminated by hand, or lost. Our record follows. */
  async reconcile(row: EnrollmentRow): Promise<void> {
    if (row.status === 'starting') return
    const outcome = await reached(closedOutcome(this.deps.client, row.id))
    if (!outcome) return
    const { id, entry, journey, customerId } = row
    const customer = await this.deps.store.customers.get(customerId)
    await this.deps.store.enrollments.end({
      id,
      entry,
      journey,
      customerId,
      key: row.key ?? undefined,
      outcome,
      endedAt: Date.now() + (customer?.clockOffsetMs ?? 0),
    })
  }

  private async canUse(row: EnrollmentRow, event: StoredEvent): Promise<boolean> {
    return (await this.outlines.of(row)).some(
      (outline) => outline.listensTo.includes(event.name) && concerns(outline, row, event),
    )
  }
}

function concerns(outline: JourneyOutline, row: EnrollmentRow, event: StoredEvent): boolean {
  if (outline.key === undefined || !Object.hasOwn(event.properties, outline.key)) return true
  return String(event.properties[outline.key]) === row.key || outline.listensToAnyKey.includes(event.name)
}

function keyOf(outline: JourneyOutline, event: StoredEvent): string | undefined {
  const value =
    outline.key !== undefined && Object.hasOwn(event.properties, outline.key)
      ? event.properties[outline.key]
      : undefined
  return value === undefined || value === null ? undefined : String(value)
}

const factOf = (event: StoredEvent): EventFact => ({
  messageId: event.messageId,
  name: event.name,
  properties: event.properties,
  timestamp: new Date(event.occurredAt).toISOString(),
})
