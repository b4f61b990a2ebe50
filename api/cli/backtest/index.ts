import { readFile } from 'node:fs/promises'
import { firstLimits, type Limits } from '../../../sdk/contact'
import { relive, type Rehearsable, type Relived } from '../../../sdk/testing'
import { check } from '../../check'
import { limits as limitsSchema } from '../../limits-schema'
import { Refused } from '../refused'
import { readRecording, type Recording } from './recording'
import { inWords, type Report } from './report'
import { differencesOf, tallyOf } from './tally'
import { journeyAt, journeyIn } from './versions'

export interface BacktestOptions {
  /** Of recorded events. */
  readonly events: string
  /** A git ref to compare with. */
  readonly against?: string
  /** A file with limits, as GET /v1/limits has them; default: those of a new deployment. */
  readonly limits?: string
  readonly json: boolean
}

/** Lives recorded events again with the journey of the working copy. Rejects with Refused. */
export async function backtest(journey: string, options: BacktestOptions): Promise<string> {
  const folder = process.cwd()
  const ours = await journeyIn(folder, journey)
  const theirs = options.against === undefined ? undefined : await journeyAt(folder, options.against, journey)
  const limits = await limitsIn(options.limits)
  const recording = await readRecording(options.events).catch(unreadable)
  const now = await reliveAll(recording, journey, ours, limits)
  const before = theirs && (await reliveAll(recording, journey, theirs, limits))
  const report: Report = {
    journey,
    customers: recording.customers.length,
    events: recording.events,
    faults: recording.faults,
    now: tallyOf(now),
    ...(before && {
      against: { ref: options.against!, before: tallyOf(before), differing: differencesOf(now, before) },
    }),
  }
  return options.json ? JSON.stringify(report) : inWords(report)
}

/** So many lives side by side share what it costs to know that a life stands still; more would only outlive the young heap. */
const AT_ONCE = 50

/** All customers of a recording, with one version of a journey. */
export async function reliveAll(
  { customers, until }: Pick<Recording, 'customers' | 'until'>,
  name: string,
  journey: Rehearsable,
  limits: Limits,
): Promise<Relived[]> {
  const relived: Relived[] = []
  const reliving = { name, journey, limits, until, defaultTimeZone: 'UTC' }
  for (let from = 0; from < customers.length; from += AT_ONCE) {
    const lives = customers.slice(from, from + AT_ONCE).map((customer) => relive(customer, reliving))
    relived.push(...(await Promise.all(lives)))
  }
  return relived
}

async function limitsIn(file: string | undefined): Promise<Limits> {
  if (file === undefined) return firstLimits
  try {
    return check(limitsSchema, JSON.parse(await readFile(file, 'utf8')), 'body') as Limits
  } catch (error) {
    throw new Refused(`The limits in ${file} cannot be used: ${(error as Error).message}`)
  }
}

function unreadable(error: Error): never {
  throw new Refused(`The events cannot be read: ${error.message}`)
}
