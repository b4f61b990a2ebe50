import type { Logger } from '../../logger'
import { grouped } from '../../sdk/grouped'
import type { LookAgain, Store } from '../../store/store'
import type { Enrollments } from './enrollments'
import { fromTimeToTime } from './from-time-to-time'
import { Unreachable } from './handling'
import { forEach } from './side-by-side'

const EVERY_MS = 1_000
/** So many a second tell their enrollments at most, from each dispatcher. */
const MOST_A_ROUND = 200
const SIGNALS_AT_ONCE = 20
const PLANNED_AT_ONCE = 2_000
/** A dispatcher that died is stood in for after so long. */
const LEASE_MS = 30_000

interface LookAgainDeps {
  readonly store: Store
  readonly enrollments: Enrollments
  readonly logger: Logger
}

/** Lets what the contact rules hold be asked for again when the rules changed: limits, or the end of a stop. */
export const startLookAgain = (deps: LookAgainDeps): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    work: () => lookAgain(deps),
    putOff: 'telling of changed contact rules put off',
    isAway: (error) => error instanceof Unreachable,
    logger: deps.logger,
  })

/** Each may be told twice, when a dispatcher dies in between; to be told costs an enrollment one question. */
export async function lookAgain({ store, enrollments }: LookAgainDeps): Promise<void> {
  await store.held.plan(PLANNED_AT_ONCE)
  const due = await store.held.due(MOST_A_ROUND, LEASE_MS)
  await forEach(grouped(due, enrollmentOf).values(), SIGNALS_AT_ONCE, async (looks) => {
    const { enrollmentId, entry } = looks[0]!
    await enrollments.tellRulesChanged(enrollmentId, entry)
    await store.held.looked(looks)
  })
}

const enrollmentOf = ({ enrollmentId, entry }: LookAgain): string => `${enrollmentId} ${entry}`
