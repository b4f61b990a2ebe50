import ts from 'typescript'
import { nameOf, possibilities, textsOf, valueOf } from './expressions'
import type { Problems } from './problems'
import type { Step } from './steps'

/** The traits whose dates a step sleeps until. */
export function traitsWatched(step: Step, problems: Problems): string[] {
  const moment = step.verb === 'sleepUntil' && step.call.arguments[1]
  if (!moment) return []
  const traits = traitsIn(moment)
  if (!traits)
    problems.at(step.call, `sleeps in '${step.id}' until a moment whose trait the source does not name`)
  return traits ?? []
}

/** Undefined when the source does not say. */
function traitsIn(moment: ts.Expression): string[] | undefined {
  const found = possibilities(moment).map((each) =>
    ts.isObjectLiteralExpression(each) ? each.properties.map(traitsOf) : [undefined],
  )
  const traits = found.flat()
  return traits.every((names) => names !== undefined) ? traits.flat() : undefined
}

function traitsOf(property: ts.ObjectLiteralElementLike): string[] | undefined {
  const value = valueOf(property)
  if (!value) return undefined
  if (ts.isSpreadAssignment(property)) return traitsIn(value)
  return nameOf(property) === 'trait' ? textsOf(value) : []
}
