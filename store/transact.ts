import { CompiledQuery, sql, type RawBuilder } from 'kysely'
import { prepared } from './prepared'
import type { Db, Tx } from './schema'

const ATTEMPTS = 5
/** Serialization failure, deadlock, a unique row that a concurrent transaction made first, and a partition that was dropped. */
const worthRepeating = new Set(['40001', '40P01', '23505', '42P01'])

/** Runs the work in a transaction, and again when it lost to a concurrent one. */
export async function transact<Result>(db: Db, work: (trx: Tx) => Promise<Result>): Promise<Result> {
  return repeated(() => db.transaction().execute(work))
}

/** Runs the work again when it lost to a concurrent transaction. */
export async function repeated<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !worthRepeating.has((error as { code?: string }).code ?? '')) throw error
    }
  }
}

/** What locks are taken on, customers also by the database's own lock_customer; 6 is make_decision's. Always in this order, or transactions could wait for each other. */
const kinds = { customer: 1, enrollment: 2, lanes: 3, partitions: 4, decision: 5 } as const

/** Waits until no other transaction holds the lock; it is let go at the end of this one. */
export async function lock(trx: Tx, kind: keyof typeof kinds, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${kinds[kind]}::integer, hashtext(${name}))`.execute(trx)
}

/** Takes the lock for this transaction, unless another holds it. */
export async function tryLock(trx: Tx, kind: keyof typeof kinds, name: string): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(${kinds[kind]}::integer, hashtext(${name})) as taken`.execute(trx)
  return rows[0]!.taken
}

/** The id that `id` belongs to after aliases, as an expression. */
export const canonical = (id: string): RawBuilder<string> =>
  sql<string>`coalesce((select customer_id from customer_aliases where alias = ${id}), ${id}::text)`

const owner = 'select id, known, deleting from owner_of($1)'
prepared.set(owner, 'owner-of-id')
const lockedOwner = 'select id, known, deleting from lock_customer($1)'
prepared.set(lockedOwner, 'lock-customer')

/** Whom an id belongs to, after aliases. */
export interface Owner {
  readonly id: string
  /** The customer has a record. */
  readonly known: boolean
  /** The customer is being deleted. */
  readonly deleting: boolean
}

export async function ownerOf(db: Db | Tx, id: string): Promise<Owner> {
  const { rows } = await db.executeQuery<Owner>(CompiledQuery.raw(owner, [id]))
  return rows[0]!
}

export const canonicalOf = async (db: Db | Tx, id: string): Promise<string> => (await ownerOf(db, id)).id

/** Locks what concerns the customer against every other writer, merges included. Resolves with the id to write under. */
export const lockCustomer = async (trx: Tx, id: string): Promise<string> => (await locked(trx, id)).id

/** The same for who has news of the customer. Throws BeingDeleted. */
export async function lockForNews(trx: Tx, id: string): Promise<string> {
  const own = await locked(trx, id)
  if (own.deleting) throw new BeingDeleted(own.id)
  return own.id
}

/** Of a customer who is being deleted nothing new is written; later it begins a new one. */
export class BeingDeleted extends Error {
  constructor(readonly customerId: string) {
    super('The customer is being deleted.')
  }
}

async function locked(trx: Tx, id: string): Promise<Owner> {
  const { rows } = await trx.executeQuery<Owner>(CompiledQuery.raw(lockedOwner, [id]))
  return rows[0]!
}

/** What the contact rules read of the customer changes in this transaction: a touchpoint decided on what it was before is decided anew. */
export async function contactChanges(trx: Tx, customerId: string): Promise<void> {
  await sql`select contact_changes(${customerId})`.execute(trx)
}

/** The database's wall clock in epoch milliseconds: one clock for all processes. */
export const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
