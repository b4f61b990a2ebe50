import path from 'node:path'
import type { Rehearsable } from '../../sdk/testing'
import type { Logger } from '../../logger'
import type { Build } from '../bundle'
import { makeBuild } from '../make-build'
import { observer } from './replaying'

/** A build that is looked at before its release. */
export interface WorkingCopy extends Build {
  /** By their names, to be lived on outside of Temporal. */
  readonly journeys: Readonly<Record<string, Rehearsable>>
}

const ours = path.join(__dirname, '..', '..', 'workflows')

/** From source. Rejects with an Error where it can't be built. */
export async function readWorkingCopy(logger: Logger, workflows = ours): Promise<WorkingCopy> {
  const build = await makeBuild(logger, workflows, [observer])
  const journeys = (await import(path.join(workflows, 'index.ts'))) as WorkingCopy['journeys']
  return { ...build, journeys }
}
