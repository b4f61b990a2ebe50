import { fraction } from '../../../sdk/hash'
import { grouped } from '../../../sdk/grouped'
import type { Limits } from '../../../sdk/contact'
import { relive, type Rehearsable } from '../../../sdk/testing'
import type { ApiClient } from '../client'
import { compared, type Compared } from './compare'
import { entryChange } from './entry'
import { onFile, type ToldEnrollment } from './record'
import type { Standing } from './standing'

/** The version in the shadow, and the one that runs where that is lived again, too. */
export interface Versions {
  readonly ours: Rehearsable
  readonly theirs: Rehearsable | undefined
}

const AT_ONCE = 4

/** One round: everybody whose life may have gone on. Rejects with CallFailed. */
export async function look(
  api: ApiClient,
  standing: Standing,
  versions: Versions,
  defaultTimeZone: string,
): Promise<Standing> {
  const { journey, since, share, customers } = standing
  const asOf = new Date().toISOString()
  const { limits } = (await api.get('/v1/limits')) as { limits: Limits }
  const entry = await entryChange(api, journey, versions.ours)
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
    entry,
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
