import type { Logger } from '../../logger'
import type { Store } from '../../store/store'
import { fromTimeToTime } from './from-time-to-time'

const EVERY_MS = 1_000
const CLOSED_AT_ONCE = 500

interface WindowsDeps {
  readonly store: Store
  readonly logger: Logger
}

/** Closes decisions whose time for a reward is over, so that policies learn from them. Of several processes each takes others. */
export const startWindows = ({ store, logger }: WindowsDeps): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    work: () => closeAll(store),
    putOff: 'decisions stay open',
    logger,
  })

async function closeAll(store: Store): Promise<void> {
  while ((await store.decisions.close(CLOSED_AT_ONCE)) === CLOSED_AT_ONCE);
}
