import { createHash } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { CompiledQuery } from 'kysely'
import { grouped } from '../sdk/grouped'
import { pageOf, type Sorting } from './page'
import { prepared } from './prepared'
import type { Db, Row } from './schema'
import type { Suppression, SuppressionStore } from './store'
import { now } from './transact'

const kinds = {
  email: 'email',
  sms: 'phone',
  whatsapp: 'phone',
  voice: 'phone',
  push: 'device',
  'web-push': 'browser',
  slack: 'slack',
} as const

/** Channels whose addresses are a person's, and can be suppressed. */
export const suppressibleChannels = Object.keys(kinds) as (keyof typeof kinds)[]

/**
 * Under which an address is suppressed: a hash of it, so that the address itself is not kept; undefined on channels whose
 * addresses are no person's. One phone number is the same on all channels that call it.
 */
export function suppressionKey(channel: (typeof suppressibleChannels)[number], address: string): string
export function suppressionKey(channel: string, address: string): string | undefined
export function suppressionKey(channel: string, address: string): string | undefined {
  const kind = kindOf(channel, address)
  return (
    kind &&
    createHash('sha256')
      .update(`${kind}:${plainForms[kind](address)}`)
      .digest('base64url')
  )
}

function kindOf(channel: string, address: string): (typeof kinds)[keyof typeof kinds] | undefined {
  // An ad audience knows people by their mailboxes and numbers.
  if (channel === 'audience')
    return /^\S+@\S+$/.test(address.trim()) ? 'email' : /^[+\d]/.test(address) ? 'phone' : undefined
  return Object.hasOwn(kinds, channel) ? kinds[channel as keyof typeof kinds] : undefined
}

const plainNumber = (number: string): string => number.replace(/[^\d+]/g, '').replace(/^00/, '+')

/** Of a browser the endpoint counts; its keys may change. */
const plainEndpoint = (address: string): string => address.trim().split(' ', 1)[0]!

/** Two ways to write a mailbox that reach the same one: letter case, and a domain in its own script. */
function plainMailbox(address: string): string {
  const [, local, domain] = /^(.*)@(.*)$/s.exec(address.trim().normalize('NFC')) ?? []
  if (local === undefined || domain === undefined) return address.trim().toLowerCase()
  return `${local.toLowerCase()}@${domainToASCII(domain) || domain.toLowerCase()}`
}

const plainForms: Readonly<Record<(typeof kinds)[keyof typeof kinds], (address: string) => string>> = {
  email: plainMailbox,
  phone: plainNumber,
  device: (token) => token.trim(),
  browser: plainEndpoint,
  slack: (id) => id.trim(),
}

const byAge: Sorting<Row<'suppressions'>> = {
  columns: [{ name: 'id', type: 'number' }],
  keyOf: ({ id }) => [id],
}

export const suppressionStore = (db: Db): SuppressionStore => ({
  async suppress(address, { reason, source, by = null, because = null }) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('suppressions')
      .values({ address, reason, source, by, because })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return Number(numInsertedOrUpdatedRows) > 0
  },
  async lift(address, { reason, by, because }) {
    const { numUpdatedRows } = await db
      .updateTable('suppressions')
      .set({ lifted_at: now, lifted_by: by, lifted_because: because })
      .where('address', '=', address)
      .where('lifted_at', 'is', null)
      .$if(reason !== undefined, (query) => query.where('reason', '=', reason!))
      .executeTakeFirst()
    return Number(numUpdatedRows)
  },
  async reasonsOf(addresses) {
    if (addresses.length === 0) return new Map()
    const { rows } = await db.executeQuery<Pick<Suppression, 'address' | 'reason'>>(
      CompiledQuery.raw(inForceOn, [addresses]),
    )
    const byAddress = [...grouped(rows, ({ address }) => address)]
    return new Map(byAddress.map(([address, found]) => [address, found.map(({ reason }) => reason)]))
  },
  async history(address) {
    const rows = await all(db).where('address', '=', address).orderBy('id', 'desc').execute()
    return rows.map(toSuppression)
  },
  inForce: (page) =>
    pageOf(
      page,
      byAge,
      (after, order, count) =>
        all(db).where('lifted_at', 'is', null).where(after).orderBy(order).limit(count).execute(),
      toSuppression,
    ),
})

const inForceOn = `select address, reason from suppressions where address = any($1::text[]) and lifted_at is null`
prepared.set(inForceOn, 'suppressions-of')

const all = (db: Db) => db.selectFrom('suppressions').selectAll()

const toSuppression = (row: Row<'suppressions'>): Suppression => ({
  address: row.address,
  reason: row.reason,
  source: row.source,
  by: row.by,
  because: row.because,
  at: row.at,
  lifted:
    row.lifted_at === null ? null : { at: row.lifted_at, by: row.lifted_by!, because: row.lifted_because },
})
