import type { Logger } from '../../logger'
import type { Store } from '../../store/store'
import { fromTimeToTime } from './from-time-to-time'

const EVERY_MS = 500
const AT_ONCE = 200

/** Finds the touchpoints of receipts that came before we had recorded what the provider took. */
export const startPlacing = ({
  store,
  logger,
}: {
  store: Store
  logger: Logger
}): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    work: () => store.receipts.place(AT_ONCE),
    putOff: 'placing of receipts put off',
    logger,
  })
