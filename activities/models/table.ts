import type { TableModel } from '../../sdk/model'
import type { Row, Sources } from '../sources'
import { checked, unscored, type Answer, type Question, type Unscored } from './answer'

const MOST_ROWS = 1_000

/** Reads scores that are kept fresh in a database of the adopter's own. Never rejects. */
export async function scoreByTable(
  sources: Sources,
  model: TableModel,
  question: Question,
  now: () => number,
): Promise<Answer> {
  const key = model.key === undefined ? question.customerId : keyIn(question, model.key)
  if (key === undefined) return unscored('no-input', `the context has no ${model.key}`)
  const { from, sql, timeoutMs, says } = model
  const read = await sources.read({ from, sql, key, timeoutMs, most: MOST_ROWS })
  if (read.is === 'unread') return unread(read)
  // A table has scores of arms that do not pass for this customer, too.
  const rows = read.rows.filter(({ arm }) => question.arms.some((asked) => asked.arm === arm))
  if (rows.length === 0) return unscored('no-row')
  if (rows.some((row) => !isFresh(row, model.maxAgeMs, now()))) return unscored('too-old')
  const scores = Object.fromEntries(rows.map(({ arm, score }) => [arm as string, numberOf(score)]))
  return checked(question, says, scores, rows[0]!.version)
}

function keyIn({ context }: Question, name: string): string | undefined {
  const value = Object.hasOwn(context, name) ? context[name] : undefined
  return value === undefined || value === null ? undefined : String(value)
}

/** By the wall clock: the customer's may have been moved, and whoever computes the scores knows nothing of that. */
function isFresh({ at }: Row, maxAgeMs: number, now: number): boolean {
  return at instanceof Date && now - at.getTime() <= maxAgeMs
}

/** Postgres hands out bigints and decimals as texts. */
const numberOf = (score: unknown): unknown =>
  typeof score === 'string' && score.trim() !== '' ? Number(score) : score

function unread({
  because,
  detail,
}: Extract<Awaited<ReturnType<Sources['read']>>, { is: 'unread' }>): Unscored {
  return because === 'several-rows' || because === 'other-columns'
    ? unscored('not-understood', detail)
    : unscored(because, detail)
}
