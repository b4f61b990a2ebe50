import ts from 'typescript'
import { nameOf, possibilities, textsOf, valueOf } from './expressions'
import type { Problems } from './problems'
import type { Step } from './steps'

/** The arms a decision chooses from, and what it falls back on where that is said; none for other steps. */
export function armsOf(step: Step, hasGoal: boolean, problems: Problems): readonly string[] {
  if (step.verb !== 'decide') return []
  const { arms, otherwise, isRewarded } = choiceIn(step.call.arguments[1])
  if (!arms) problems.at(step.call, `decides in '${step.id}' between arms that the source does not name`)
  if (!hasGoal && !isRewarded)
    problems.at(step.call, `decides in '${step.id}' without a reward, and the journey has no goal`)
  return [...new Set([...(arms ?? []), ...otherwise])]
}

/** What a decision is told; `arms` is undefined when the source does not say. */
export function choiceIn(given: ts.Expression | undefined) {
  const told = new Map(
    (given ? possibilities(given) : []).flatMap((each) =>
      ts.isObjectLiteralExpression(each)
        ? each.properties.map((property) => [nameOf(property), valueOf(property)] as const)
        : [],
    ),
  )
  const otherwise = told.get('otherwise')
  return {
    arms: namesListed(told.get('arms')),
    otherwise: (otherwise && textsOf(otherwise)) ?? [],
    isRewarded: told.has('reward'),
  }
}

/** Of a list of texts, or the names of an object; undefined when the source does not say. */
export function namesListed(given: ts.Expression | undefined): string[] | undefined {
  const named = given && possibilities(given).map(namesIn)
  return named?.every((names) => names !== undefined) ? named.flat() : undefined
}

function namesIn(arms: ts.Expression): string[] | undefined {
  const names = ts.isArrayLiteralExpression(arms)
    ? arms.elements.flatMap((each) => textsOf(each) ?? [undefined])
    : ts.isObjectLiteralExpression(arms)
      ? arms.properties.map(nameOf)
      : [undefined]
  return names.every((name) => name !== undefined) ? names : undefined
}
