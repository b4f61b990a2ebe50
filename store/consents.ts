import { sql, type RawBuilder } from 'kysely'
import type { Append } from './append'
import { jsonText, storableTime } from './json'
import { pageOf, type Sorting } from './page'
import type { Db, Row, Tx } from './schema'
import type { Consent, ConsentStore, IncomingEvent, NewConsent } from './store'
import { canonical, contactChanges, lockForNews, transact } from './transact'
import type { Wake } from './wake'

type Words = NewConsent | readonly NewConsent[]

const byTime: Sorting<Row<'consents'>> = {
  columns: [
    { name: 'occurred_at', type: 'number' },
    { name: 'id', type: 'number' },
  ],
  keyOf: (row) => [row.occurred_at, row.id],
}

export const consentStore = (db: Db, wake: Wake, append: Append): ConsentStore => ({
  record: (consents) => transact(db, (trx) => record(trx, consents)),
  async recordWith(event, consents) {
    const isNew = await transact(db, (trx) => recordWith(trx, event, consents, append))
    if (isNew) wake.appended()
    return isNew
  },
  async current(customerId) {
    return (await newest(db, canonical(customerId))).map(toConsent)
  },
  history: (customerId, page) =>
    pageOf(
      page,
      byTime,
      (after, order, count) =>
        db
          .selectFrom('consents')
          .selectAll()
          .where('customer_id', '=', canonical(customerId))
          .where(after)
          .orderBy(order)
          .limit(count)
          .execute(),
      toConsent,
    ),
})

async function newest(db: Db | Tx, owner: string | RawBuilder<string>): Promise<Row<'consents'>[]> {
  const { rows } = await sql<Row<'consents'>>`
    select distinct on (channel, purpose) * from consents where customer_id = ${owner}
    order by channel, purpose, occurred_at desc, id desc`.execute(db)
  return rows
}

async function record(trx: Tx, words: Words): Promise<void> {
  const consents = listOf(words)
  for (const id of [...new Set(consents.map(({ customerId }) => customerId))].sort()) {
    const owner = await lockForNews(trx, id)
    const said = await newest(trx, owner)
    const rows = consents.filter((each) => each.customerId === id).map((each) => rowOf(each, owner))
    const news = rows.filter((row, at) => !repeats(row, [...rows.slice(0, at).toReversed(), ...said]))
    if (news.length === 0) continue
    await contactChanges(trx, owner)
    await trx.insertInto('consents').values(news).execute()
  }
}

type NewRow = ReturnType<typeof rowOf>

/** A request that came twice: nothing was said since. */
function repeats(row: NewRow, before: readonly Omit<NewRow, 'proof'>[]): boolean {
  const last = before.find(({ channel, purpose }) => channel === row.channel && purpose === row.purpose)
  const same = ['state', 'basis', 'source', 'occurred_at'] as const
  return last !== undefined && same.every((field) => last[field] === row[field])
}

async function recordWith(trx: Tx, event: IncomingEvent, words: Words, append: Append): Promise<boolean> {
  await lockForNews(trx, event.customerId)
  if ((await append(trx, [event])) === 0) return false
  await record(trx, words)
  return true
}

const listOf = (words: Words): readonly NewConsent[] =>
  Array.isArray(words) ? (words as readonly NewConsent[]) : [words as NewConsent]

const rowOf = (consent: NewConsent, owner: string) => ({
  customer_id: owner,
  channel: consent.channel,
  purpose: consent.purpose,
  state: consent.state,
  basis: consent.basis ?? null,
  source: consent.source,
  occurred_at: storableTime(consent.occurredAt),
  proof: consent.proof === undefined ? null : jsonText(consent.proof),
})

const toConsent = (row: Row<'consents'>): Consent => ({
  customerId: row.customer_id,
  channel: row.channel,
  purpose: row.purpose,
  state: row.state,
  basis: row.basis,
  source: row.source,
  occurredAt: row.occurred_at,
  recordedAt: row.recorded_at,
  proof: row.proof,
})
