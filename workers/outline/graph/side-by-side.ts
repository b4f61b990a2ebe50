import ts from 'typescript'
import { bare, nameOf, possibilities, valueOf } from '../expressions'
import { asBody } from '../source'
import { merged, type Path, type Valued } from './path'
import type { Reading } from './reading'
import { runBody } from './statements'
import type { StepFacts } from './step-node'
import { after, doesSomething, evaluate } from './values'

const kinds: Readonly<Record<string, 'first' | 'all'>> = {
  race: 'first',
  any: 'first',
  all: 'all',
  allSettled: 'all',
}

/** `Promise.race([…])` and its like. */
export const isSideBySide = (call: ts.CallExpression): boolean => untilOf(call) !== undefined

function untilOf({ expression, arguments: [list] }: ts.CallExpression): 'first' | 'all' | undefined {
  if (!ts.isPropertyAccessExpression(expression) || expression.expression.getText() !== 'Promise')
    return undefined
  return list && ts.isArrayLiteralExpression(bare(list)) ? kinds[expression.name.text] : undefined
}

/** Steps of which the first decides, or for all of which it waits. */
export function besides(call: ts.CallExpression, paths: readonly Path[], reading: Reading): Valued[] {
  const { graph, stage } = reading
  const until = untilOf(call)!
  const { elements } = bare(call.arguments[0]!) as ts.ArrayLiteralExpression
  const ids = [...reading.steps].flatMap(([node, facts]) => (isWithin(node, call) ? [facts.node.step] : []))
  const name = [...new Set(ids)].join(' ')
  const fork = graph.add({ kind: 'fork', id: `fork:${name}`, stage, until })
  graph.link(paths, fork)
  const entered = enteredFrom(fork, paths)
  if (until === 'first') return elements.flatMap((each) => evaluate(each, entered, reading))
  const ends = elements
    .filter((each) => doesSomething(each, reading.steps))
    .map((each) => after(each, entered, reading))
  return joined(name, ends, entered, reading)
}

/** The branches of `journey.parallel`, each a body of its own. */
export function inBranches(
  { node }: StepFacts,
  branches: ts.ObjectLiteralExpression,
  paths: readonly Path[],
  reading: Reading,
): Valued[] {
  reading.graph.add(node)
  reading.graph.link(paths, node.id)
  const entered = enteredFrom(node.id, paths)
  const ends = branches.properties.flatMap((property) => {
    const body = asBody(ts.isMethodDeclaration(property) ? property : valueOf(property))
    if (!body) return []
    const labels = [nameOf(property) ?? property.getText()]
    return [runBody(body, entered.map((path) => ({ ...path, labels })), reading)] // prettier-ignore
  })
  return joined(node.step, ends, entered, reading)
}

/** The object literal that `journey.parallel` is given. */
export const branchesOf = (call: ts.CallExpression): ts.ObjectLiteralExpression | undefined =>
  call.arguments[1] && possibilities(call.arguments[1]).find(ts.isObjectLiteralExpression)

/** All branches have ended. Where one of them never does, nothing comes after. */
function joined(
  name: string,
  ends: readonly (readonly Path[])[],
  entered: readonly Path[],
  { graph, stage }: Reading,
): Valued[] {
  if (ends.some((paths) => paths.length === 0)) return []
  const join = graph.add({ kind: 'join', id: `join:${name}`, stage })
  for (const paths of ends) graph.link(paths, join)
  return enteredFrom(join, entered).map((path) => ({ path }))
}

const enteredFrom = (from: string, paths: readonly Path[]): Path[] =>
  merged(paths.map(({ facts }) => ({ from, when: [], facts })))

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  return node.pos >= outer.pos && node.end <= outer.end
}
