import { setTimeout as sleep } from 'node:timers/promises'
import { durationMs, type Duration } from '../../../sdk'
import { journeyAt, journeyIn } from '../backtest/versions'
import { type ApiClient, CallFailed } from '../client'
import { inWords } from './report'
import { look } from './round'
import { keep, type Standing, standingIn } from './standing'

export interface ShadowOptions {
  /** Where it keeps what it knows. */
  readonly file: string
  /** ISO 8601; default: now, where the file does not say. */
  readonly since?: string
  /** Of the customers, above 0, up to 1; by hash, so that they stay the same. */
  readonly share?: number
  /** A git ref of the version that runs, to tell how far living again can be trusted. */
  readonly against?: string
  readonly every: Duration
  /** Looks once, and is done. */
  readonly once: boolean
  readonly json: boolean
  readonly defaultTimeZone: string
}

/**
 * Follows the customers who enter a journey that runs, and lives with each what they live, in the version of this working copy:
 * it reads by the API, and writes to its file alone. Goes on until `stop`; resolves with the report. Rejects with Refused.
 */
export async function shadow(
  api: ApiClient,
  journey: string,
  options: ShadowOptions,
  stop: AbortSignal,
): Promise<string> {
  const folder = process.cwd()
  const { against } = options
  const versions = {
    ours: await journeyIn(folder, journey),
    theirs: against === undefined ? undefined : await journeyAt(folder, against, journey),
  }
  let standing = await standingIn(options.file, { journey, ...options })
  do {
    standing = await look(api, standing, versions, options.defaultTimeZone).catch(
      unlessAway(standing, options),
    )
    await keep(options.file, standing)
    process.stderr.write(`${lineOf(standing)}\n`)
  } while (!options.once && (await pause(options.every, stop)))
  return options.json ? JSON.stringify(standing) : inWords(standing)
}

/** An API that is away for a while is asked again in the next round. */
const unlessAway =
  (standing: Standing, { once }: ShadowOptions) =>
  (error: unknown): Standing => {
    if (once || !(error instanceof CallFailed)) throw error
    process.stderr.write(`${error.message}\n`)
    return standing
  }

function lineOf({ asOf, customers }: Standing): string {
  const all = Object.values(customers)
  const differing = all.filter(({ differences }) => differences.length > 0)
  return `${asOf}: ${all.length} customers, ${differing.length} of them would have been treated differently`
}

/** False when it was told to stop. */
const pause = (every: Duration, signal: AbortSignal): Promise<boolean> =>
  sleep(durationMs(every), true, { signal }).catch(() => false)
