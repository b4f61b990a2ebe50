import type { Logger } from '../../logger'
import { isUnavailable } from '../../store'
import type { Store } from '../../store/store'

const EVERY_MS = 500
const AT_ONCE = 200

/** Finds the touchpoints of receipts that came before we had recorded what the provider took. */
export function startPlacing({ store, logger }: { store: Store; logger: Logger }): { stop(): Promise<void> } {
  let placing: Promise<unknown> | undefined
  const timer = setInterval(() => {
    placing ??= store.receipts
      .place(AT_ONCE)
      .catch((error) =>
        logger[isUnavailable(error) ? 'debug' : 'error']({ err: error }, 'placing of receipts put off'),
      )
      .finally(() => (placing = undefined))
  }, EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await placing
    },
  }
}
