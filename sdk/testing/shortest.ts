import { Path, type Exploration, type Walked } from './path'
import type { Property } from './properties'

const MOST_TRIES = 300

/** A path on which the property does not hold either, and which does nothing that is not needed for it. */
export async function shortest(
  found: Walked,
  choices: readonly number[],
  exploration: Exploration,
  property: Property,
): Promise<Walked> {
  let [path, way, tries] = [found, choices, 0]
  for (let better = true; better;) {
    better = false
    for (const simpler of simplerOnes(way)) {
      if (tries++ >= MOST_TRIES) return path
      const walked = await new Path(exploration, simpler).walk()
      if (property.fault(walked.rehearsed) === undefined || !isSimpler(walked, path)) continue
      ;[path, way, better] = [walked, simpler, true]
      break
    }
  }
  return path
}

/** One choice fewer: the usual instead of it, or nothing at all. */
function* simplerOnes(choices: readonly number[]): Generator<readonly number[]> {
  for (const [at, choice] of choices.entries()) {
    yield choices.toSpliced(at, 1)
    if (choice !== 0) yield choices.with(at, 0)
  }
}

const isSimpler = (one: Walked, other: Walked): boolean => weightOf(one) < weightOf(other)

const weightOf = ({ told: { acts, fates, arms, decides, calls } }: Walked): number =>
  2 * acts.length +
  Object.values(fates)
    .flat()
    .filter(({ is }) => is !== 'sent').length +
  Object.keys(arms).length +
  Object.keys(decides).length +
  calls.filter(({ fails }) => fails).length
