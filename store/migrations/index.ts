import * as first from './0001-first'
import * as partitions from './0002-partitions'
import * as contactRules from './0003-contact-rules'
import * as receipts from './0006-receipts'

export interface Migration {
  readonly name: string
  readonly sql: string
}

/** In the order in which they run. Only ever added to: a database that ran one refuses another text under its name. */
export const migrations: readonly Migration[] = [
  { name: '0001-first', sql: first.sql },
  { name: '0002-partitions', sql: partitions.sql },
  { name: '0003-contact-rules', sql: contactRules.sql },
  { name: '0006-receipts', sql: receipts.sql },
]
