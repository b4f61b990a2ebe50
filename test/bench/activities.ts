import pg from 'pg'

export interface JourneyNode {
  readonly id: string
  readonly kind: 'send' | 'wait' | 'sleep'
}

export type HandActivities = ReturnType<typeof handActivities>

const nodes: JourneyNode[] = [
  { id: 'one', kind: 'send' },
  { id: 'project', kind: 'wait' },
  { id: 'two', kind: 'send' },
  { id: 'nap', kind: 'sleep' },
  { id: 'three', kind: 'send' },
]

/** What the two other ways call: one row for each mail and for each entry in the books, on the same Postgres as our ledger. */
export function handActivities(pool: pg.Pool, send: () => Promise<unknown>) {
  const book = (customer: string, node: string, what: string): Promise<unknown> =>
    pool.query('insert into books (customer, node, what) values ($1, $2, $3)', [customer, node, what])
  return {
    async loadJourney(_name: string): Promise<JourneyNode[]> {
      await pool.query('select 1 from books limit 1')
      return nodes
    },
    async recordEntered(customer: string, node: string): Promise<void> {
      await book(customer, node, 'entered')
    },
    async recordLeft(customer: string, node: string): Promise<void> {
      await book(customer, node, 'left')
    },
    async sendMail(customer: string, message: string): Promise<void> {
      await send()
      await book(customer, message, 'sent')
    },
  }
}

export async function openBooks(url: string): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  await pool.query(
    'create table books (id bigint generated always as identity primary key, customer text, node text, what text, at timestamptz default now())',
  )
  return pool
}
