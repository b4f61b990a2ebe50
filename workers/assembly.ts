import type { Client } from '@temporalio/client'
import type { NativeConnection } from '@temporalio/worker'
import { createActivities, type News } from '../activities'
import { loadMessages } from '../activities/messages'
import type { Models } from '../activities/models'
import { ownActivities } from '../activities/own'
import type { Sources } from '../activities/sources'
import type { Channels, TaskWebhook } from '../channels'
import type { SignedLinks } from '../channels/links'
import type { Logger } from '../logger'
import { customerRef } from '../sdk/customer-ref'
import type { Retention, Store } from '../store/store'
import type { Build } from './bundle'
import { misfit } from '../catalog/misfit'
import { catalogNouns, messagesFolder } from './catalog'
import { startLeaving } from './dispatcher/audiences'
import { deleting } from './dispatcher/deletion'
import { type Dispatcher, startDispatcher } from './dispatcher/dispatcher'
import { Enrollments } from './dispatcher/enrollments'
import { handling } from './dispatcher/handling'
import { startLookAgain } from './dispatcher/look-again'
import { startService } from './dispatcher/service'
import { startPlacing } from './dispatcher/strays'
import { startSweep } from './dispatcher/sweep'
import { startEscalating, startTelling } from './dispatcher/tasks'
import { startUpkeep } from './dispatcher/upkeep'
import { startWindows } from './dispatcher/windows'
import { type JourneyWorker, startJourneyWorker } from './journey-worker'
import { accountsMissing } from './accounts-missing'
import { unusableChannels } from './unusable-channels'

/** What all processes of one deployment share. */
export interface Deployment {
  readonly store: Store
  readonly build: Build
  readonly namespace: string
  readonly taskQueue: string
  readonly logger: Logger
  /** Whether enrollments stay on the build that they began their stage on. */
  readonly versioned?: boolean
}

export interface WorkerParts extends Deployment {
  readonly connection: NativeConnection
  readonly channels: Channels
  readonly links: SignedLinks
  readonly models?: Models
  readonly sources?: Sources
  readonly announce?: (news: News) => void
  readonly maxCachedWorkflows?: number
}

export interface DispatcherParts extends Deployment {
  readonly client: Client
  readonly owner: string
  readonly defaultTimeZone: string
  readonly customerIdKey?: string
  /** Where the call centre's software is told of tasks. */
  readonly taskWebhook?: TaskWebhook
  /** By which customers are taken out of ad audiences again; without it nobody is. */
  readonly audiences?: Pick<Channels, 'carriers'>
  /** How long events and touchpoints are kept; default for ever. */
  readonly retention?: Retention
}

/** Starts a journey worker. Throws an Error with one sentence for each message that journeys send and the catalog lacks or misuses. */
export async function assembleWorker(parts: WorkerParts): Promise<JourneyWorker> {
  const messages = loadMessages(messagesFolder, {
    onBroken: (problem) => parts.logger.error({ problem }, 'a message is broken'),
  })
  const { manifest } = parts.build
  const problems = [...messages.check(manifest, catalogNouns()), ...accountsMissing(manifest, parts.channels)]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const { store, channels, links, models, sources, announce } = parts
  for (const problem of unusableChannels(manifest, channels))
    parts.logger.warn({ problem }, 'journeys send by a channel that cannot be used; what they send waits')
  const own = ownActivities
  const activities = createActivities({ store, channels, messages, links, models, sources, announce, own })
  return startJourneyWorker({ ...parts, activities })
}

/** Starts a dispatcher with its sweeps and the upkeep of the partitions. */
export async function assembleDispatcher(parts: DispatcherParts): Promise<Dispatcher> {
  const { store, client, build, logger, owner, audiences: channels, retention = {} } = parts
  const service = await startService(store, build.manifest, logger)
  const { manifest } = build
  const named = { ...parts, manifest, customerRef: customerRef(parts.customerIdKey) }
  const enrollments = new Enrollments(named)
  const handle = handling({ store, manifest, enrollments, misfit, deletion: deleting(named) })
  const dispatcher = startDispatcher({ store, handle, logger, owner })
  const sweep = startSweep({ client, store, enrollments, taskQueue: parts.taskQueue, logger })
  const looking = startLookAgain({ store, enrollments, logger })
  const placing = startPlacing({ store, logger })
  const upkeep = startUpkeep({ store, retention, logger })
  const windows = startWindows({ store, logger })
  const leaving = channels ? [startLeaving({ store, channels, logger })] : []
  const tasks = tasksOf(parts)
  return {
    stop: async () => {
      const all = [dispatcher, sweep, looking, placing, upkeep, windows, ...leaving, ...tasks]
      await Promise.all(all.map((each) => each.stop()))
      service.stop()
    },
  }
}

function tasksOf({ store, logger, taskWebhook: webhook }: DispatcherParts): { stop(): Promise<void> }[] {
  const escalating = startEscalating({ store, logger })
  if (!webhook) return [escalating]
  const telling = startTelling({ store, logger, webhook })
  return [escalating, { stop: () => telling.stop().finally(() => webhook.close()) }]
}
