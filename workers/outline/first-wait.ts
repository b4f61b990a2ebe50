import ts from 'typescript'
import type { StageSource } from './source'
import type { Step } from './steps'

const waiting = new Set(['waitFor', 'sleep', 'sleepUntil'])
/** Verbs after which a body does not simply go on. */
const branching = new Set(['parallel', 'continueAs'])

/** The step where every enrollment waits first, when the stage comes to it without any choice. */
export function firstWait(stage: StageSource, steps: readonly Step[]): string | undefined {
  const { body } = stage.body
  if (!body || !ts.isBlock(body)) return undefined
  for (const statement of body.statements) {
    if (!ts.isVariableStatement(statement) && !ts.isExpressionStatement(statement)) return undefined
    const inside = steps.filter(({ call }) => call.pos >= statement.pos && call.end <= statement.end)
    const decisive = inside.find(({ verb }) => waiting.has(verb) || branching.has(verb))
    if (!decisive) continue
    return waiting.has(decisive.verb) && isPlain(decisive.call, statement) ? decisive.id : undefined
  }
  return undefined
}

/** Whether the statement waits for the call whatever happens. */
function isPlain(call: ts.Node, statement: ts.Statement): boolean {
  for (let node = call.parent; node !== statement; node = node.parent) {
    if (ts.isVariableDeclaration(node) || ts.isVariableDeclarationList(node) || ts.isAwaitExpression(node))
      continue
    if (!ts.isPropertyAccessExpression(node) && !ts.isParenthesizedExpression(node)) return false
  }
  return true
}
