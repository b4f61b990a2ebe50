import { type Branch, verbsOf } from '.'
import type { Enrollment } from '../enrollment'

type Branches = Readonly<Record<string, (journey: unknown) => Promise<unknown>>>

/** Runs branches side by side; each listens on its own from where the body stood. */
export const parallel =
  (enrollment: Enrollment, branch: Branch) =>
  async (step: string, branches: Branches): Promise<Record<string, unknown>> => {
    enrollment.note('step', `side by side: ${Object.keys(branches).join(', ')}`, step)
    const forks = Object.entries(branches).map(([name, run]) => ({
      name,
      run,
      listened: { cursor: branch.cursor },
    }))
    const ended = await Promise.all(
      forks.map(async ({ name, run, listened }) => [name, await run(verbsOf(enrollment, listened))] as const),
    )
    branch.cursor = Math.max(branch.cursor, ...forks.map(({ listened }) => listened.cursor))
    return Object.fromEntries(ended)
  }
