import { storableTime } from './json'
import type { Db, Row, Tx } from './schema'
import type { Consent, ConsentStore } from './store'
import { canonical, contactChanges, lockCustomer, transact } from './transact'

export const consentStore = (db: Db): ConsentStore => ({
  record: (consent) => transact(db, (trx) => record(trx, consent)),
  async history(customerId) {
    const rows = await newestFirst(db).where('customer_id', '=', canonical(customerId)).execute()
    return rows.map(toConsent)
  },
})

/** A send that is being decided either knows of it or came before it. */
async function record(trx: Tx, consent: Consent): Promise<void> {
  const customerId = await lockCustomer(trx, consent.customerId)
  await contactChanges(trx, customerId)
  const { channel, purpose, state, source, occurredAt } = consent
  await trx
    .insertInto('consents')
    .values({
      customer_id: customerId,
      channel,
      purpose,
      state,
      source,
      occurred_at: storableTime(occurredAt),
    })
    .execute()
}

const newestFirst = (db: Db | Tx) =>
  db.selectFrom('consents').selectAll().orderBy('occurred_at', 'desc').orderBy('id', 'desc')

const toConsent = (row: Row<'consents'>): Consent => ({
  customerId: row.customer_id,
  channel: row.channel,
  purpose: row.purpose,
  state: row.state,
  source: row.source,
  occurredAt: row.occurred_at,
})
