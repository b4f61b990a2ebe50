import type { Logger } from '../../logger'
import { isUnavailable } from '../../store'

export interface Repeated {
  readonly everyMs: number
  /** Does it when it begins as well. */
  readonly atOnce?: boolean
  readonly work: () => Promise<unknown>
  /** What it means that it failed this time, for the log. */
  readonly putOff: string
  /** Whether nobody is to blame, beside a database that is away. */
  readonly isAway?: (error: unknown) => boolean
  readonly logger: Logger
}

/** Does the work again and again, one at a time; what fails is tried the next time. */
export function fromTimeToTime({ everyMs, atOnce, work, putOff, isAway, logger }: Repeated): {
  stop(): Promise<void>
} {
  let working: Promise<unknown> | undefined
  const complain = (error: unknown): void => {
    const away = isUnavailable(error) || isAway?.(error)
    logger[away ? 'debug' : 'error']({ err: error }, putOff)
  }
  const begin = (): void => {
    working ??= work()
      .catch(complain)
      .finally(() => (working = undefined))
  }
  if (atOnce) begin()
  const timer = setInterval(begin, everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await working
    },
  }
}
