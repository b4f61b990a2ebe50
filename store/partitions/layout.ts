/** A table split by time; a week begins on Monday, UTC. Fixed for good: the first partitions were cut so by migrations. */
export interface Layout {
  readonly table: 'events' | 'touchpoints' | 'decisions'
  readonly column: 'received_at' | 'recorded_at'
  readonly widthMs: number
  /** How many partitions after the current one are kept ready. */
  readonly ahead: number
  /** What may be in one partition only once. */
  readonly unique: readonly string[]
  /** Rows that still wait for something, by conditions; once a partition's time is over, no row comes to be so. */
  readonly open: readonly string[]
  /** In how many parts of its time a partition is searched for such rows: one where an index knows them. */
  readonly slices: number
}

export const WEEK_MS = 7 * 24 * 60 * 60 * 1000
/** The first Monday. */
export const FIRST_WEEK = 4 * 24 * 60 * 60 * 1000

export const eventLayout: Layout = {
  table: 'events',
  column: 'received_at',
  widthMs: WEEK_MS,
  ahead: 4,
  unique: ['message_id'],
  open: [`state = 'pending'`, `state = 'set-aside'`],
  slices: 1,
}

export const touchpointLayout: Layout = {
  table: 'touchpoints',
  column: 'recorded_at',
  widthMs: 4 * WEEK_MS,
  ahead: 2,
  unique: ['id', 'ref'],
  open: [`status not in ('sent', 'withheld', 'failed', 'unknown')`],
  slices: 28,
}

export const decisionLayout: Layout = {
  table: 'decisions',
  column: 'recorded_at',
  widthMs: 4 * WEEK_MS,
  ahead: 2,
  unique: ['id'],
  open: [`state = 'open'`],
  slices: 1,
}

export const layouts: readonly Layout[] = [eventLayout, touchpointLayout, decisionLayout]

export const startOf = ({ widthMs }: Layout, at: number): number => at - ((at - FIRST_WEEK) % widthMs)

export const defaultOf = ({ table }: Layout): string => `${table}_default`

/** Named by the day on which it begins: events_20261123. */
export const partitionOf = ({ table }: Layout, start: number): string =>
  `${table}_${new Date(start).toISOString().slice(0, 10).replaceAll('-', '')}`

const named = /_(\d{4})(\d{2})(\d{2})$/

/** When the partitions of these names begin, the earliest first; the default partition is left out. */
export const startsIn = (names: readonly string[]): number[] =>
  names
    .flatMap((name) => {
      const [, year, month, day] = named.exec(name) ?? []
      return year === undefined ? [] : [Date.UTC(Number(year), Number(month) - 1, Number(day))]
    })
    .sort((one, other) => one - other)

/** The partition that holds this moment; the first one holds all that was before it, too. */
export function holding(layout: Layout, starts: readonly number[], at: number): string {
  const start = Math.max(startOf(layout, at), starts[0] ?? Infinity)
  return starts.includes(start) ? partitionOf(layout, start) : defaultOf(layout)
}
