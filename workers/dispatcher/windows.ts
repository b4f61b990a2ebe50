import type { Logger } from '../../logger'
import { isUnavailable } from '../../store'
import type { Store } from '../../store/store'

const EVERY_MS = 1_000
const CLOSED_AT_ONCE = 500

interface WindowsDeps {
  readonly store: Store
  readonly logger: Logger
}

/** Closes decisions whose time for a reward is over, so that policies learn from them. Of several processes each takes others. */
export function startWindows({ store, logger }: WindowsDeps): { stop(): Promise<void> } {
  let closing: Promise<void> | undefined
  const timer = setInterval(() => {
    closing ??= closeAll(store)
      .catch((error) =>
        logger[isUnavailable(error) ? 'debug' : 'error']({ err: error }, 'decisions stay open'),
      )
      .finally(() => (closing = undefined))
  }, EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await closing
    },
  }
}

async function closeAll(store: Store): Promise<void> {
  while ((await store.decisions.close(CLOSED_AT_ONCE)) === CLOSED_AT_ONCE);
}
