import ts from 'typescript'
import { bare } from '../expressions'
import { equals, isNot, isOneOf, type Question, questionOf, unequals } from './names'
import { merged, type Path, type Value, type Valued, withCondition, withFact } from './path'
import type { Reading } from './reading'
import { doesSomething, evaluate } from './values'

/** The ways on which a condition is met, and those on which it is not. */
export interface Branched {
  readonly yes: Path[]
  readonly no: Path[]
}

/** Goes through a condition. What is known of a step's outcome decides it, or is known more closely after it. */
export function branch(given: ts.Expression, paths: readonly Path[], reading: Reading): Branched {
  const condition = bare(given)
  if (condition.kind === ts.SyntaxKind.TrueKeyword) return { yes: [...paths], no: [] }
  if (condition.kind === ts.SyntaxKind.FalseKeyword) return { yes: [], no: [...paths] }
  if (!isTelling(condition, paths, reading)) return asked(questionOf(condition), paths, reading)
  if (isNot(condition)) {
    const { yes, no } = branch(condition.operand, paths, reading)
    return { yes: no, no: yes }
  }
  if (isJoined(condition, ts.SyntaxKind.AmpersandAmpersandToken)) return both(condition, paths, reading)
  if (isJoined(condition, ts.SyntaxKind.BarBarToken)) return either(condition, paths, reading)
  const compared = comparison(condition)
  if (!compared) return truth(questionOf(condition), evaluate(condition, paths, reading), reading)
  const valued = evaluate(compared.of, paths, reading)
  const { yes, no } = compare(valued, compared.texts, questionOf(condition), reading)
  return compared.isEqual ? pathsOf({ yes, no }) : pathsOf({ yes: no, no: yes })
}

/** A revision tells which way it goes; of anything else either answer may be. */
function truth(question: Question, valued: readonly Valued[], reading: Reading): Branched {
  if (valued.every(({ value }) => value?.of === 'revision'))
    return pathsOf(compare(valued, ['new'], question, reading))
  return asked(question, merged(valued.map(({ path }) => path)), reading)
}

/** Parts values by whether they are one of the texts; what is not known of them is asked for. */
export function compare(
  valued: readonly Valued[],
  texts: readonly string[],
  question: Question,
  reading: Reading,
): { yes: Valued[]; no: Valued[] } {
  const parted = valued.map((each) => {
    if (each.value?.of === 'text' || each.value?.of === 'revision') {
      const [one, other] = [true, false].map((yes) => narrowed(each, texts, yes, question))
      return { yes: one!, no: other! }
    }
    const open = asked(question, [each.path], reading)
    const [yes, no] = question.yes ? [open.yes, open.no] : [open.no, open.yes]
    return { yes: yes.map((path) => ({ ...each, path })), no: no.map((path) => ({ ...each, path })) }
  })
  return { yes: parted.flatMap(({ yes }) => yes), no: parted.flatMap(({ no }) => no) }
}

const pathsOf = ({ yes, no }: { yes: Valued[]; no: Valued[] }): Branched => ({
  yes: merged(yes.map(({ path }) => path)),
  no: merged(no.map(({ path }) => path)),
})

/** The way on which the value is one of the texts, or is none of them: none, where that can't be. */
function narrowed(valued: Valued, texts: readonly string[], yes: boolean, question: Question): Valued[] {
  const { path, variable } = valued
  const value = valued.value as Extract<Value, { of: 'text' | 'revision' }>
  const may = value.may.filter((text) => texts.includes(text) === yes)
  if (may.length === 0) return []
  const known = variable === undefined ? undefined : path.facts.get(variable)
  const told = known && 'may' in known ? withFact(path, variable!, { ...known, may }) : path
  const { key, text, yes: straight } = question
  // The outcome of the step passed last is a label of the edge; that of an earlier one is a condition.
  const way =
    value.step === path.from
      ? { ...told, labels: told.labels?.filter((label) => may.includes(label)) }
      : withCondition(told, { key, yes, ...(straight === yes && { text }) })
  return [{ path: way, value: { ...value, may }, variable }]
}

/** A condition of which nothing is known: both ways, unless it was answered before and can't have changed. */
export function asked(question: Question, paths: readonly Path[], { names }: Reading): Branched {
  const { key, text } = question
  const fact = `?${key}`
  const lasts = names.lasts(question)
  const on = (met: boolean): Path[] =>
    paths.flatMap((path) => {
      const yes = met === question.yes
      const known = path.facts.get(fact)
      if (known?.of === 'text' && !known.may.includes(String(yes))) return []
      const way = withCondition(path, { key, yes, ...(met && { text }) })
      return [lasts ? withFact(way, fact, { of: 'text', may: [String(yes)] }) : way]
    })
  return { yes: on(true), no: on(false) }
}

/** Whether a part of the condition is a step, or tells of one; otherwise it is one condition as a whole. */
function isTelling(given: ts.Expression, paths: readonly Path[], reading: Reading): boolean {
  const condition = bare(given)
  if (doesSomething(condition, reading.steps)) return true
  if (isNot(condition)) return isTelling(condition.operand, paths, reading)
  if (joining.some((kind) => isJoined(condition, kind))) {
    const { left, right } = condition as ts.BinaryExpression
    return isTelling(left, paths, reading) || isTelling(right, paths, reading)
  }
  if (ts.isIdentifier(condition))
    return paths.some(({ facts }) => facts.get(condition.text)?.of === 'revision')
  const compared = comparison(condition)
  return !!compared && evaluate(compared.of, paths, reading).some(({ value }) => value?.of === 'text')
}

const joining = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken]

const isJoined = (node: ts.Expression, kind: ts.SyntaxKind): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === kind

function both({ left, right }: ts.BinaryExpression, paths: readonly Path[], reading: Reading): Branched {
  const first = branch(left, paths, reading)
  const second = branch(right, first.yes, reading)
  return { yes: second.yes, no: merged([...first.no, ...second.no]) }
}

function either({ left, right }: ts.BinaryExpression, paths: readonly Path[], reading: Reading): Branched {
  const first = branch(left, paths, reading)
  const second = branch(right, first.no, reading)
  return { yes: merged([...first.yes, ...second.yes]), no: second.no }
}

interface Comparison {
  readonly of: ts.Expression
  readonly texts: readonly string[]
  readonly isEqual: boolean
}

/** `a === 'text'`, `'text' !== a`, `['one', 'two'].includes(a)`. */
function comparison(condition: ts.Expression): Comparison | undefined {
  if (ts.isCallExpression(condition)) return inclusion(condition)
  if (!ts.isBinaryExpression(condition)) return undefined
  const { kind } = condition.operatorToken
  if (!isOneOf(kind, [...equals, ...unequals])) return undefined
  const [left, right] = [bare(condition.left), bare(condition.right)]
  const isEqual = isOneOf(kind, equals)
  if (ts.isStringLiteralLike(right)) return { of: left, texts: [right.text], isEqual }
  return ts.isStringLiteralLike(left) ? { of: right, texts: [left.text], isEqual } : undefined
}

function inclusion({ expression, arguments: [of] }: ts.CallExpression): Comparison | undefined {
  if (!of || !ts.isPropertyAccessExpression(expression) || expression.name.text !== 'includes')
    return undefined
  const list = bare(expression.expression)
  if (!ts.isArrayLiteralExpression(list) || !list.elements.every(ts.isStringLiteralLike)) return undefined
  return { of, texts: list.elements.map((each) => (each as ts.StringLiteralLike).text), isEqual: true }
}
