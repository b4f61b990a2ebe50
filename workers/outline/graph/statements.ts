import ts from 'typescript'
import { branch, compare } from './conditions'
import { namesOf } from './names'
import { merged, type Path, pathKey, type Valued, withCondition, withFact } from './path'
import { type Reading, withExits } from './reading'
import { oneLine } from './source-text'
import { after, bound, evaluate } from './values'

/** Goes through a function's body: the ways on which it returns. */
export function runBody(
  body: { readonly body?: ts.ConciseBody },
  paths: readonly Path[],
  reading: Reading,
): Path[] {
  return merged(runReturning(body, paths, reading).map(({ path }) => path))
}

/** The same, with what it returns; `written` is undefined where it just comes to its end. */
export function runReturning(
  { body }: { readonly body?: ts.ConciseBody },
  paths: readonly Path[],
  reading: Reading,
): (Valued & { readonly written?: ts.Expression })[] {
  if (!body) return paths.map((path) => ({ path }))
  if (!ts.isBlock(body)) return evaluate(body, paths, reading).map((each) => ({ ...each, written: body }))
  const returned: (Valued & { readonly written?: ts.Expression })[] = []
  const inside = withExits(reading, {
    return: (valued, written) => void returned.push(...valued.map((each) => ({ ...each, written }))),
  })
  const ended = runBlock(body.statements, paths, inside)
  return [...returned, ...ended.map((path) => ({ path }))]
}

function runBlock(statements: readonly ts.Statement[], paths: readonly Path[], reading: Reading): Path[] {
  let ways = merged(paths)
  for (const statement of statements) {
    ways = run(statement, ways, reading).map((path) => withoutPast(path, statement.end, reading))
    ways = merged(ways)
  }
  const own = statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => namesIn(declarationList))
  return merged(ways.map((path) => own.reduce((rest, name) => withFact(rest, name, undefined), path)))
}

const namesIn = ({ declarations }: ts.VariableDeclarationList): string[] =>
  declarations.flatMap(({ name }) => namesOf(name))

/** Forgets variables that nobody reads any more: ways that differ in nothing else are one again. */
function withoutPast(path: Path, position: number, { names }: Reading): Path {
  const over = [...path.facts.keys()].filter((name) => !name.startsWith('?') && names.isOver(name, position))
  return over.reduce((rest, name) => withFact(rest, name, undefined), path)
}

/** Goes through one statement: the ways that simply go on after it. */
export function run(statement: ts.Statement, paths: readonly Path[], reading: Reading): Path[] {
  if (paths.length === 0) return []
  if (ts.isBlock(statement)) return runBlock(statement.statements, paths, reading)
  if (ts.isVariableStatement(statement)) return declared(statement.declarationList, paths, reading)
  if (ts.isExpressionStatement(statement)) return after(statement.expression, paths, reading)
  if (ts.isIfStatement(statement)) return chosen(statement, paths, reading)
  if (ts.isSwitchStatement(statement)) return switched(statement, paths, reading)
  if (ts.isTryStatement(statement)) return tried(statement, paths, reading)
  if (ts.isLabeledStatement(statement)) return labelled(statement, paths, reading)
  if (ts.isIterationStatement(statement, false)) return repeated(statement, paths, reading)
  return left(statement, paths, reading)
}

/** Statements after which nothing comes; all others do nothing. */
function left(statement: ts.Statement, paths: readonly Path[], reading: Reading): Path[] {
  const { exits } = reading
  if (ts.isReturnStatement(statement)) {
    const { expression } = statement
    exits.return(
      expression ? evaluate(expression, paths, reading) : paths.map((path) => ({ path })),
      expression,
    )
  } else if (ts.isThrowStatement(statement)) {
    exits.throw(after(statement.expression, paths, reading), statement.expression)
  } else if (ts.isBreakStatement(statement)) {
    exits.jump(paths, 'break', statement.label?.text)
  } else if (ts.isContinueStatement(statement)) {
    exits.jump(paths, 'continue', statement.label?.text)
  } else {
    return [...paths]
  }
  return []
}

function declared(list: ts.VariableDeclarationList, paths: readonly Path[], reading: Reading): Path[] {
  return list.declarations.reduce<Path[]>((ways, { name, initializer }) => {
    if (!initializer) return bound(name, ways.map((path) => ({ path }))) // prettier-ignore
    return bound(name, evaluate(initializer, ways, reading))
  }, merged(paths))
}

function chosen(choice: ts.IfStatement, paths: readonly Path[], reading: Reading): Path[] {
  const { yes, no } = branch(choice.expression, paths, reading)
  const otherwise = choice.elseStatement ? run(choice.elseStatement, no, reading) : no
  return merged([...run(choice.thenStatement, yes, reading), ...otherwise])
}

/** All cases are asked in turn before the default is taken. */
function switched(
  { expression, caseBlock }: ts.SwitchStatement,
  paths: readonly Path[],
  reading: Reading,
): Path[] {
  const out: Path[] = []
  const inside = withExits(reading, {
    jump: (ways, kind, label) =>
      kind === 'break' && label === undefined
        ? void out.push(...ways)
        : reading.exits.jump(ways, kind, label),
  })
  let rest = evaluate(expression, paths, reading)
  const entries = caseBlock.clauses.map((clause) => {
    if (ts.isDefaultClause(clause)) return undefined
    const { yes, no } = compare(rest, textsIn(clause), questionOfCase(expression, clause), reading)
    rest = no
    return yes.map(({ path }) => path)
  })
  const others = merged(rest.map(({ path }) => path))
  const ended = caseBlock.clauses.reduce<Path[]>(
    (falling, clause, index) =>
      runBlock(clause.statements, [...falling, ...(entries[index] ?? others)], inside),
    [],
  )
  return merged([...out, ...ended, ...(entries.includes(undefined) ? [] : others)])
}

const textsIn = ({ expression }: ts.CaseClause): string[] =>
  ts.isStringLiteralLike(expression) ? [expression.text] : []

function questionOfCase(expression: ts.Expression, clause: ts.CaseClause) {
  const text = `${oneLine(expression)} === ${oneLine(clause.expression)}`
  return { key: text, yes: true, text, written: expression }
}

function labelled(
  { label, statement }: ts.LabeledStatement,
  paths: readonly Path[],
  reading: Reading,
): Path[] {
  const out: Path[] = []
  const inside = withExits(reading, {
    jump: (ways, kind, to) =>
      kind === 'break' && to === label.text ? void out.push(...ways) : reading.exits.jump(ways, kind, to),
  })
  const ended = ts.isIterationStatement(statement, false)
    ? repeated(statement, paths, inside, label.text)
    : run(statement, paths, inside)
  return merged([...ended, ...out])
}

/** Round and round, until no further way comes to its head. */
function repeated(
  loop: ts.IterationStatement,
  paths: readonly Path[],
  reading: Reading,
  label?: string,
): Path[] {
  let head = entering(loop, paths, reading)
  for (;;) {
    const { on, again } = once(loop, head, reading, label)
    const next = merged([...head, ...again])
    if (isSame(next, head)) return merged(on)
    head = next
  }
}

function entering(loop: ts.IterationStatement, paths: readonly Path[], reading: Reading): Path[] {
  if (ts.isForOfStatement(loop) || ts.isForInStatement(loop)) return after(loop.expression, paths, reading)
  if (!ts.isForStatement(loop) || !loop.initializer) return merged(paths)
  return ts.isVariableDeclarationList(loop.initializer)
    ? declared(loop.initializer, paths, reading)
    : after(loop.initializer, paths, reading)
}

function once(loop: ts.IterationStatement, head: readonly Path[], reading: Reading, label?: string) {
  const jumps: Record<'break' | 'continue', Path[]> = { break: [], continue: [] }
  const inside = withExits(reading, {
    jump: (ways, kind, to) =>
      to === undefined || to === label ? void jumps[kind].push(...ways) : reading.exits.jump(ways, kind, to),
  })
  if (ts.isDoStatement(loop)) {
    const through = merged([...run(loop.statement, head, inside), ...jumps.continue])
    const { yes, no } = branch(loop.expression, through, reading)
    return { on: [...no, ...jumps.break], again: yes }
  }
  const { yes, no } = asked(loop, head, reading)
  const through = merged([...run(loop.statement, yes, inside), ...jumps.continue])
  const counts = ts.isForStatement(loop) && loop.incrementor
  const again = counts ? after(counts, through, reading) : through
  return { on: [...no, ...jumps.break], again }
}

/** What a loop asks before each round. */
function asked(
  loop: ts.IterationStatement,
  head: readonly Path[],
  reading: Reading,
): { yes: Path[]; no: Path[] } {
  if (ts.isWhileStatement(loop)) return branch(loop.expression, head, reading)
  if (ts.isForStatement(loop))
    return loop.condition ? branch(loop.condition, head, reading) : { yes: [...head], no: [] }
  const { initializer, expression } = loop as ts.ForOfStatement | ts.ForInStatement
  const key = `of ${expression.pos}`
  const text = `of ${oneLine(expression)}`
  const names = ts.isVariableDeclarationList(initializer) ? namesIn(initializer) : []
  const free = head.map((path) => names.reduce((rest, name) => withFact(rest, name, undefined), path))
  return {
    yes: free.map((path) => withCondition(path, { key, yes: true, text })),
    no: free.map((path) => withCondition(path, { key, yes: false })),
  }
}

function isSame(one: readonly Path[], other: readonly Path[]): boolean {
  const keys = new Set(one.map(pathKey))
  return one.length === other.length && other.every((path) => keys.has(pathKey(path)))
}

/** An error may come of any step inside; whichever way the block is left, `finally` comes first. */
function tried(statement: ts.TryStatement, paths: readonly Path[], reading: Reading): Path[] {
  const { tryBlock, catchClause, finallyBlock } = statement
  const lastly = (ways: readonly Path[]): Path[] =>
    finallyBlock ? run(finallyBlock, ways, reading) : [...ways]
  const outside = finallyBlock ? afterwards(lastly, reading) : reading
  if (!catchClause) return lastly(run(tryBlock, paths, outside))
  const failed: Path[] = [...paths]
  const inside = withExits(outside, {
    throw: (ways) => void failed.push(...ways),
    passed: (ways) => void failed.push(...ways),
  })
  const ended = run(tryBlock, paths, inside)
  const error = { key: `error ${tryBlock.pos}`, yes: true, text: 'an error' }
  const caught = merged(failed.map((path) => withCondition(path, error)))
  return lastly(merged([...ended, ...run(catchClause.block, caught, outside)]))
}

/** Every way out goes through the block first. */
function afterwards(lastly: (paths: readonly Path[]) => Path[], reading: Reading): Reading {
  const { exits } = reading
  return withExits(reading, {
    return: (valued, written) =>
      exits.return(valued.flatMap((each) => lastly([each.path]).map((path) => ({ ...each, path }))), written), // prettier-ignore
    throw: (paths, written) => exits.throw(lastly(paths), written),
    jump: (paths, kind, label) => exits.jump(lastly(paths), kind, label),
  })
}
