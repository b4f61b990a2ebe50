import type { Logger } from '../../logger'
import { isUnavailable } from '../../store'
import type { Retention, Store } from '../../store/store'

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
export function startUpkeep(deps: UpkeepDeps): { stop(): Promise<void> } {
  let working = upkeep(deps)
  const timer = setInterval(() => void (working = working.then(() => upkeep(deps))), EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await working
    },
  }
}

async function upkeep({ store, retention, logger }: UpkeepDeps): Promise<void> {
  try {
    const { made, dropped, kept, putOff, tasks } = await store.partitions.upkeep(retention)
    if (made.length > 0) logger.info({ partitions: made }, 'partitions made')
    if (dropped.length > 0)
      logger.info({ partitions: dropped }, 'partitions dropped: their retention is over')
    if (tasks > 0) logger.info({ tasks }, 'closed tasks deleted: their retention is over')
    if (kept.length > 0)
      logger.warn({ partitions: kept }, 'partitions kept past their retention: something in them still waits')
    if (putOff.length > 0) logger.warn({ partitions: putOff }, 'partitions put off: others hold their locks')
  } catch (error) {
    const level = isUnavailable(error) ? 'debug' : 'error'
    logger[level]({ err: error }, 'upkeep of partitions put off')
  }
}
