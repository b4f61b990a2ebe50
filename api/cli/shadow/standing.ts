import { readFile, rename, writeFile } from 'node:fs/promises'
import { Refused } from '../refused'
import type { Compared } from './compare'

/** All that a shadow knows; kept in a file, so that it goes on where it was. */
export interface Standing {
  readonly journey: string
  /** ISO 8601: enrollments that began earlier are none of its business. */
  readonly since: string
  readonly share: number
  /** When it last looked. */
  readonly asOf: string
  /** In words, where another event enrolls into this version: those who enter by that alone are not among the customers. */
  readonly entry?: string
  readonly customers: Readonly<Record<string, Compared>>
  /** Customers of whom too little is on record. */
  readonly unknown: readonly string[]
}

/** Rejects with Refused when the file is another's, or none of ours. */
export async function standingIn(
  file: string,
  { journey, since, share }: { readonly journey: string; readonly since?: string; readonly share?: number },
): Promise<Standing> {
  const kept = await keptIn(file)
  if (!kept) {
    const now = new Date().toISOString()
    return { journey, since: since ?? now, share: share ?? 1, asOf: now, customers: {}, unknown: [] }
  }
  const differs =
    kept.journey !== journey || (share ?? kept.share) !== kept.share || (since ?? kept.since) !== kept.since
  if (differs)
    throw new Refused(
      `${file} is of ${kept.journey} since ${kept.since} with a share of ${kept.share}: go on with that, or name another --file.`,
    )
  return kept
}

async function keptIn(file: string): Promise<Standing | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Partial<Standing>
    if (kept.journey !== undefined && kept.customers !== undefined) return kept as Standing
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  }
  throw new Refused(`${file} is no file of a shadow: name another --file.`)
}

/** In one step, so that it is never half written. */
export async function keep(file: string, standing: Standing): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(standing), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
