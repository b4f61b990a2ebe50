import ts from 'typescript'
import { bare, valueOf } from '../expressions'
import { asBody, type BodySource } from '../source'
import { branch } from './conditions'
import { isAssignment, namesIn, namesOf } from './names'
import { merged, type Path, type Value, type Valued, withCondition, withFact } from './path'
import type { Reading } from './reading'
import { besides, branchesOf, inBranches, isSideBySide } from './side-by-side'
import { oneLine, textOf } from './source-text'
import { runBody } from './statements'
import type { StepFacts } from './step-node'

/** Goes through an expression: the ways after it, with what its value is known to be. */
export function evaluate(given: ts.Expression, paths: readonly Path[], reading: Reading): Valued[] {
  if (paths.length === 0) return []
  const expression = bare(given)
  if (ts.isAwaitExpression(expression)) return evaluate(expression.expression, paths, reading)
  if (ts.isStringLiteralLike(expression))
    return paths.map((path) => ({ path, value: { of: 'text', may: [expression.text] } }))
  if (ts.isIdentifier(expression)) return paths.map((path) => ({ path, ...read(expression.text, path) }))
  if (ts.isPropertyAccessExpression(expression)) return member(expression, paths, reading)
  if (ts.isCallExpression(expression)) return called(expression, paths, reading)
  if (ts.isConditionalExpression(expression)) return chosen(expression, paths, reading)
  if (isAssignment(expression)) return assigned(expression, paths, reading)
  if (isLogical(expression)) return logical(expression, paths, reading)
  return unknown(parts(expression, paths, reading))
}

/** The ways after the expression, whatever its value. */
export const after = (expression: ts.Expression, paths: readonly Path[], reading: Reading): Path[] =>
  doesSomething(expression, reading.steps)
    ? merged(evaluate(expression, paths, reading).map(({ path }) => path))
    : [...paths]

/** Gives a declared or assigned name its value. */
export function bound(name: ts.Node, valued: readonly Valued[]): Path[] {
  if (ts.isIdentifier(name)) return merged(valued.map(({ path, value }) => withFact(path, name.text, value)))
  const names =
    ts.isObjectBindingPattern(name) || ts.isArrayBindingPattern(name) ? namesOf(name) : namesIn(name)
  const is = ts.isObjectBindingPattern(name)
    ? name.elements.find((each) => propertyOf(each) === 'is')
    : undefined
  return merged(
    valued.map(({ path, value }) => {
      const free = names.reduce((rest, each) => withFact(rest, each, undefined), path)
      if (!is || !ts.isIdentifier(is.name) || value?.of !== 'outcome') return free
      return withFact(free, is.name.text, { ...value, of: 'text' })
    }),
  )
}

const propertyOf = ({ propertyName, name }: ts.BindingElement): string => (propertyName ?? name).getText()

const unknown = (paths: readonly Path[]): Valued[] => paths.map((path) => ({ path }))

function read(name: string, { facts }: Path): Omit<Valued, 'path'> {
  return name === 'undefined' ? { value: { of: 'nothing' } } : { value: facts.get(name), variable: name }
}

function member(access: ts.PropertyAccessExpression, paths: readonly Path[], reading: Reading): Valued[] {
  return evaluate(access.expression, paths, reading).map(({ path, value, variable }) =>
    access.name.text === 'is' && value?.of === 'outcome'
      ? { path, value: { ...value, of: 'text' }, variable }
      : { path },
  )
}

function chosen(choice: ts.ConditionalExpression, paths: readonly Path[], reading: Reading): Valued[] {
  const { yes, no } = branch(choice.condition, paths, reading)
  return [...evaluate(choice.whenTrue, yes, reading), ...evaluate(choice.whenFalse, no, reading)]
}

function assigned(assignment: ts.BinaryExpression, paths: readonly Path[], reading: Reading): Valued[] {
  const valued = evaluate(assignment.right, paths, reading)
  const plain = assignment.operatorToken.kind === ts.SyntaxKind.EqualsToken
  return unknown(bound(assignment.left, plain ? valued : valued.map(({ path }) => ({ path }))))
}

type Logical = ts.BinaryExpression

const isLogical = (node: ts.Expression): node is Logical =>
  ts.isBinaryExpression(node) &&
  [
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
  ].includes(node.operatorToken.kind)

/** The right side is come to on some ways only; where it does nothing, that is no matter. */
function logical(
  { left, operatorToken, right }: Logical,
  paths: readonly Path[],
  reading: Reading,
): Valued[] {
  if (!doesSomething(right, reading.steps)) return unknown(after(left, paths, reading))
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    const passed = after(left, paths, reading)
    return unknown(merged([...passed, ...after(right, passed, reading)]))
  }
  const { yes, no } = branch(left, paths, reading)
  const [goesOn, isOver] = operatorToken.kind === ts.SyntaxKind.BarBarToken ? [no, yes] : [yes, no]
  return unknown(merged([...isOver, ...after(right, goesOn, reading)]))
}

/** Whether there is a step in it, or a variable gets another value. */
export function doesSomething(node: ts.Node, steps: Reading['steps']): boolean {
  if (steps.has(node) || isAssignment(node)) return true
  return ts.forEachChild(node, (child) => doesSomething(child, steps)) ?? false
}

function parts(node: ts.Node, paths: readonly Path[], reading: Reading): Path[] {
  if (!doesSomething(node, reading.steps)) return [...paths]
  const inside = asBody(node)
  if (inside) return runAtTimes(inside, paths, reading)
  let ways = [...paths]
  ts.forEachChild(node, (child) => {
    const property = ts.isObjectLiteralElementLike(child) ? valueOf(child) : undefined
    const part = property ?? child
    ways = ts.isExpression(part) ? after(part, ways, reading) : parts(part, ways, reading)
  })
  return ways
}

/** A function that something else calls, as often as it likes. */
function runAtTimes(inside: BodySource, paths: readonly Path[], reading: Reading): Path[] {
  const text = oneLine(inside).split('=>')[0]!.trim()
  let ways = [...paths]
  for (let times = 0; times < 2; times++) {
    const entered = ways.map((path) => withCondition(path, { key: `calls ${inside.pos}`, yes: true, text }))
    ways = merged([...ways, ...runBody(inside, entered, reading)])
  }
  return ways
}

function called(call: ts.CallExpression, paths: readonly Path[], reading: Reading): Valued[] {
  if (isSideBySide(call) && doesSomething(call, reading.steps)) return besides(call, paths, reading)
  const facts = reading.steps.get(call)
  const branches = facts?.node.verb === 'parallel' ? branchesOf(call) : undefined
  const inputs = call.arguments.filter((argument) => argument !== branches)
  const ready = inputs.reduce(
    (ways, each) => after(each, ways, reading),
    after(call.expression, paths, reading),
  )
  if (!facts) return ending(call, ready, reading)
  return branches ? inBranches(facts, branches, ready, reading) : passed(facts, ready, reading)
}

/** What `completed(…)` and `exited(…)` make; of another call nothing is known. */
function ending(call: ts.CallExpression, paths: readonly Path[], reading: Reading): Valued[] {
  const outcome = call.expression.getText()
  if (outcome !== 'completed' && outcome !== 'exited') return unknown(paths)
  const [because] = call.arguments
  if (!because) return paths.map((path) => ({ path, value: { of: 'ending', outcome } }))
  return evaluate(because, paths, reading).map(({ path, value }) => {
    const only = value?.of === 'text' && value.may.length === 1 ? value.may[0] : undefined
    return { path, value: { of: 'ending', outcome, words: only ?? textOf(because) } }
  })
}

/** One step is passed: whatever was known on the way to it, its outcome is what leads on. */
function passed(facts: StepFacts, paths: readonly Path[], reading: Reading): Valued[] {
  const { graph, exits } = reading
  const { id, verb, given } = facts.node
  graph.add(facts.node)
  graph.link(paths, id)
  if (verb === 'continueAs') {
    graph.link([{ from: id, when: [], facts: new Map() }], graph.end('continued', given['journey']))
    return []
  }
  const outcomes = facts.outcomes && goingOn(facts, reading)
  const labels = outcomes?.toSorted()
  const value: Value | undefined = outcomes && {
    of: verb === 'split' ? 'text' : verb === 'revision' ? 'revision' : 'outcome',
    may: outcomes,
    step: id,
  }
  const ways = merged(
    paths.map((path) => ({ from: id, labels, when: [], facts: withoutOutcomeOf(id, path) })),
  )
  exits.passed(ways)
  return ways.map((path) => ({ path, value }))
}

/** A moment that has passed may be the journey's end. */
function goingOn({ node, outcomes = [] }: StepFacts, { graph }: Reading): readonly string[] {
  if (node.given['ifPast'] !== 'end') return outcomes
  const past = { from: node.id, labels: ['past'], when: [], facts: new Map() }
  graph.link([past], graph.end('completed', `${node.step} had passed`))
  return outcomes.filter((label) => label !== 'past')
}

/** What a variable tells of an earlier time at the step is nothing about this one. */
function withoutOutcomeOf(step: string, { facts }: Path): Map<string, Value> {
  const older = (value: Value): Value =>
    'step' in value && value.step === step ? { of: value.of, may: value.may } : value
  return new Map([...facts].map(([name, value]) => [name, older(value)]))
}
