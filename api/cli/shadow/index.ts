import { setTimeout as sleep } from 'node:timers/promises'
import { fraction } from '../../../sdk/hash'
import { grouped } from '../../../sdk/grouped'
import type { Limits } from '../../../sdk/contact'
import { durationMs, type Duration } from '../../../sdk'
import { relive, type Rehearsable } from '../../../sdk/testing'
import { journeyAt, journeyIn } from '../backtest/versions'
import type { ApiClient } from '../client'
import { compared, type Compared } from './compare'
import { onFile, type ToldEnrollment } from './record'
import { inWords } from './report'
import { keep, standingIn, type Standing } from './standing'

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

/** One version of the journey, or two. */
interface Versions {
  readonly ours: Rehearsable
  readonly theirs: Rehearsable | undefined
}

const AT_ONCE = 4

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
    standing = await look(api, standing, versions, options.defaultTimeZone)
    await keep(options.file, standing)
  } while (!options.once && (await pause(options.every, stop)))
  return options.json ? JSON.stringify(standing) : inWords(standing)
}

/** False when it was told to stop. */
const pause = (every: Duration, signal: AbortSignal): Promise<boolean> =>
  sleep(durationMs(every), true, { signal }).catch(() => false)

/** One round: everybody whose life may have gone on. */
async function look(
  api: ApiClient,
  standing: Standing,
  versions: Versions,
  defaultTimeZone: string,
): Promise<Standing> {
  const { journey, since, share, customers } = standing
  const asOf = new Date().toISOString()
  const { limits } = (await api.get('/v1/limits')) as { limits: Limits }
  const entered = await enteredSince(api, journey, since)
  const inShare = [...grouped(entered, ({ customerId }) => customerId)].filter(
    ([customer]) => fraction('shadow', journey, customer) < share,
  )
  const open = inShare.filter(([customer, own]) => !isOver(customers[customer], own))
  const found: (readonly [string, Compared | undefined])[] = []
  const reliving = { name: journey, limits, defaultTimeZone }
  for (let from = 0; from < open.length; from += AT_ONCE)
    found.push(
      ...(await Promise.all(
        open
          .slice(from, from + AT_ONCE)
          .map(
            async ([customer, own]) =>
              [customer, await lived(api, customer, own, versions, reliving)] as const,
          ),
      )),
    )
  const known = found.flatMap(([customer, each]) => (each ? [[customer, each] as const] : []))
  return {
    ...standing,
    asOf,
    customers: { ...customers, ...Object.fromEntries(known) },
    unknown: found.flatMap(([customer, each]) => (each ? [] : [customer])),
  }
}

/** All enrollments that were there had ended when it was last looked. */
const isOver = (known: Compared | undefined, enrollments: readonly ToldEnrollment[]): boolean =>
  known?.isOver === true && enrollments.length === known.enrollments

async function lived(
  api: ApiClient,
  customerId: string,
  enrollments: readonly ToldEnrollment[],
  { ours, theirs }: Versions,
  reliving: { readonly name: string; readonly limits: Limits; readonly defaultTimeZone: string },
): Promise<Compared | undefined> {
  const file = await onFile(api, customerId, enrollments)
  if (!file) return undefined
  const again = async (journey: Rehearsable): Promise<Compared> =>
    compared(file, await relive(file, { ...reliving, journey, until: file.now }))
  const result = await again(ours)
  return theirs ? { ...result, isSure: (await again(theirs)).differences.length === 0 } : result
}

/** Oldest first. */
async function enteredSince(api: ApiClient, journey: string, since: string): Promise<ToldEnrollment[]> {
  const found: ToldEnrollment[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = (await api.get('/v1/enrollments', { journey, limit: '200', ...(cursor && { cursor }) })) as {
      items: ToldEnrollment[]
      next: string | null
    }
    const fresh = page.items.filter(({ startedAt }) => Date.parse(startedAt) >= Date.parse(since))
    found.push(...fresh)
    cursor = fresh.length < page.items.length ? null : page.next
  }
  return found.reverse()
}
