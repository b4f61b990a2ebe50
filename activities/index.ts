import type { Channels } from '../channels'
import type { Links } from '../channels/links'
import type { EndedEnrollment, IncomingEvent, Store, TouchpointRow } from '../store/store'
import type { TaskEnd } from '../sdk/task'
import type { Duration } from '../sdk/time/duration'
import { deciding } from './deciding'
import { delivering } from './deliver'
import { CarrierHealth } from './health'
import type { Messages } from './messages'
import { createModels, type Models } from './models'
import type { OwnActivities } from './own'
import { createSources, type Sources } from './sources'

export type { Delivered, Held, TouchpointToDeliver } from '../sdk/touchpoint'
export type { OwnActivities } from './own'

/** What just became known, for whoever watches: the demo prints a line for each. */
export type News =
  | { readonly kind: 'touchpoint'; readonly row: TouchpointRow }
  | { readonly kind: 'outcome'; readonly ended: EndedEnrollment }

export interface ActivityDeps {
  readonly store: Store
  readonly channels: Channels
  readonly messages: Messages
  readonly links: Links
  readonly own: OwnActivities
  /** Default: none is known, and policies fall back. */
  readonly models?: Models
  /** Default: none is known. */
  readonly sources?: Sources
  readonly announce?: (news: News) => void
  /** How long a provider may be away before a touchpoint fails; default 3 days. */
  readonly giveUpAfter?: Duration
}

/** Everything with a side effect that a journey calls. Each may run more than once and then changes nothing more. */
export function createActivities({
  own,
  models = createModels(),
  sources = createSources(),
  announce = () => {},
  giveUpAfter = '3 days',
  ...deps
}: ActivityDeps) {
  return {
    ...own,

    /** Sends a touchpoint at most once, and tells its fate. */
    deliver: delivering({
      ...deps,
      health: new CarrierHealth(),
      announce: (row) => announce({ kind: 'touchpoint', row }),
      giveUpAfter,
    }),

    /** Chooses an arm, and records with which chance. */
    decide: deciding({ ...deps, models, sources }),

    ...recording(deps.store),

    /** Records the outcome, withdraws touchpoints not yet handed over, and hands the customer over where asked. */
    async endEnrollment(ended: EndedEnrollment): Promise<void> {
      await deps.store.enrollments.end(ended)
      announce({ kind: 'outcome', ended })
    },
  }
}

/** What the database alone is needed for. */
function recording({ customers, enrollments, events, tasks }: Store) {
  return {
    /** The customer's traits as they are now; none for a customer who is not known. */
    async readProfile(customerId: string): Promise<Record<string, unknown>> {
      return (await customers.get(customerId))?.traits ?? {}
    },

    /** Sets traits, unless newer ones were set meanwhile. `at` is the enrollment's time in epoch ms. */
    async writeTraits(customerId: string, traits: Record<string, unknown>, at: number): Promise<void> {
      await customers.identify(customerId, traits, at)
    },

    /** Ends a task that nobody did in time; tells where an agent did after all. */
    expireTask: (task: string): Promise<TaskEnd> => tasks.expire(task),

    /** Closes tasks that nobody waits for any more. */
    withdrawTasks: (ids: readonly string[]): Promise<void> => tasks.withdraw(ids),

    /** Asks for an enrollment, in order with the customer's other events. */
    async requestEnrollment(event: IncomingEvent): Promise<void> {
      await events.append([event])
    },

    /** Records what an enrollment says of itself. */
    async recordStatus(id: string, entry: number, status: 'running' | 'paused'): Promise<void> {
      await enrollments.statusIs(id, entry, status)
    },
  }
}

export type SojournActivities = ReturnType<typeof createActivities>
