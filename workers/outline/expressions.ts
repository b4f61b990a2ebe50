import ts from 'typescript'

/**
 * Everything an expression may stand for: both sides of a choice, and what a const was given.
 * Consts are found by name alone, so there may be more than can happen, never less.
 */
export function possibilities(expression: ts.Expression, followed: readonly string[] = []): ts.Expression[] {
  const plain = bare(expression)
  const sides = sidesOf(plain)
  if (sides) return sides.flatMap((side) => possibilities(side, followed))
  if (!ts.isIdentifier(plain) || followed.includes(plain.text)) return [plain]
  const given = givenTo(plain)
  if (given.length === 0) return [plain]
  return given.flatMap((value) => possibilities(value, [...followed, plain.text]))
}

/** Without brackets, and without what is for the compiler alone: `as`, `satisfies`, `!`. */
export function bare(expression: ts.Expression): ts.Expression {
  const wrapped =
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isNonNullExpression(expression)
  return wrapped ? bare(expression.expression) : expression
}

/** The texts an expression may stand for; undefined when the source does not say. */
export function textsOf(expression: ts.Expression): string[] | undefined {
  const found = possibilities(expression)
  return found.every(ts.isStringLiteralLike) ? found.map((literal) => literal.text) : undefined
}

/** The property's value, also of `{ name }`. */
export function valueOf(property: ts.ObjectLiteralElementLike): ts.Expression | undefined {
  if (ts.isPropertyAssignment(property)) return property.initializer
  if (ts.isShorthandPropertyAssignment(property)) return property.name
  return ts.isSpreadAssignment(property) ? property.expression : undefined
}

export function nameOf(property: ts.ObjectLiteralElementLike): string | undefined {
  const { name } = property
  return name && (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) ? name.text : undefined
}

/** Whether the identifier stands for a value here, and is no mere name of a property or a parameter. */
export function isUse(identifier: ts.Identifier): boolean {
  const { parent } = identifier
  if (ts.isTypeQueryNode(parent) || ts.isTypeReferenceNode(parent)) return false
  if (ts.isShorthandPropertyAssignment(parent)) return true
  return !('name' in parent && parent.name === identifier)
}

/** Goes through a node and everything in it; `visit` returns false to leave a part out. */
export function walk(node: ts.Node, visit: (node: ts.Node) => boolean | void): void {
  if (visit(node) !== false) ts.forEachChild(node, (child) => walk(child, visit))
}

function sidesOf(expression: ts.Expression): ts.Expression[] | undefined {
  if (ts.isConditionalExpression(expression)) return [expression.whenTrue, expression.whenFalse]
  if (!ts.isBinaryExpression(expression)) return undefined
  const { kind } = expression.operatorToken
  const chooses = kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken
  return chooses ? [expression.left, expression.right] : undefined
}

function givenTo(identifier: ts.Identifier): ts.Expression[] {
  const given: ts.Expression[] = []
  walk(identifier.getSourceFile(), (node) => {
    if (isConst(node) && ts.isIdentifier(node.name) && node.name.text === identifier.text)
      given.push(node.initializer)
  })
  return given
}

function isConst(node: ts.Node): node is ts.VariableDeclaration & { initializer: ts.Expression } {
  if (!ts.isVariableDeclaration(node) || !node.initializer) return false
  return (node.parent.flags & ts.NodeFlags.Const) !== 0
}
