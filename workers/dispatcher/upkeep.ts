import type { Logger } from '../../logger'
import type { Retention, Store } from '../../store/store'
import { fromTimeToTime } from './from-time-to-time'

const EVERY_MS = 10 * 60_000

interface UpkeepDeps {
  readonly store: Store
  readonly retention: Retention
  readonly logger: Logger
}

/** What the configuration says of how long rows are kept. */
export const retentionIn = (config: {
  readonly eventRetention?: number
  readonly touchpointRetention?: number
  readonly decisionRetention?: number
  readonly taskRetention?: number
}): Retention => ({
  events: config.eventRetention,
  touchpoints: config.touchpointRetention,
  decisions: config.decisionRetention,
  tasks: config.taskRetention,
})

/** Keeps the partitions ahead of the clock, and drops those and closed tasks past their retention: at once and from time to time. */
export const startUpkeep = (deps: UpkeepDeps): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    atOnce: true,
    work: () => upkeep(deps),
    putOff: 'upkeep of partitions put off',
    logger: deps.logger,
  })

async function upkeep({ store, retention, logger }: UpkeepDeps): Promise<void> {
  const { made, dropped, kept, putOff, tasks } = await store.partitions.upkeep(retention)
  if (made.length > 0) logger.info({ partitions: made }, 'partitions made')
  if (dropped.length > 0) logger.info({ partitions: dropped }, 'partitions dropped: their retention is over')
  if (tasks > 0) logger.info({ tasks }, 'closed tasks deleted: their retention is over')
  if (kept.length > 0)
    logger.warn({ partitions: kept }, 'partitions kept past their retention: something in them still waits')
  if (putOff.length > 0) logger.warn({ partitions: putOff }, 'partitions put off: others hold their locks')
}
