import ts from 'typescript'
import { bare, walk } from '../expressions'
import { oneLine } from './source-text'

/** What is to be known of the names in a body: how long a variable matters, and which answers can't change. */
export class Names {
  private readonly lastUses = new Map<string, number>()
  private readonly declarations = new Map<string, ts.Node[]>()
  private readonly assigned = new Set<string>()
  private readonly uses: ts.Identifier[] = []
  private readonly questions = new Map<string, number>()

  constructor(readonly body: ts.Node) {
    walk(body, (node) => this.see(node))
    for (const use of this.uses) this.useAt(use)
  }

  /** Whether nobody reads the variable after this place of the source. */
  isOver(name: string, position: number): boolean {
    return (this.lastUses.get(name) ?? 0) <= position
  }

  /** Whether the answer is asked for again, and will be the same: it is made of consts and of what enrolled the customer. */
  lasts({ key, written }: Question): boolean {
    if ((this.questions.get(key) ?? 0) < 2) return false
    let constant = true
    walk(written, (node) => {
      if (ts.isCallExpression(node) || ts.isAwaitExpression(node)) constant = false
      if (ts.isIdentifier(node) && this.assigned.has(node.text)) constant = false
    })
    return constant
  }

  private see(node: ts.Node): void {
    if (ts.isIdentifier(node)) this.uses.push(node)
    if (ts.isVariableDeclaration(node)) for (const name of namesOf(node.name)) this.declare(name, node)
    if (isAssignment(node)) for (const name of namesIn(node.left)) this.assigned.add(name)
    if (
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      ts.isIdentifier(node.operand)
    )
      if (changes(node.operator)) this.assigned.add(node.operand.text)
    if (ts.isForOfStatement(node) || ts.isForInStatement(node))
      for (const name of namesIn(node.initializer)) this.assigned.add(name)
    if (ts.isExpression(node)) this.count(questionOf(node).key)
  }

  private count(key: string): void {
    this.questions.set(key, (this.questions.get(key) ?? 0) + 1)
  }

  private declare(name: string, node: ts.Node): void {
    this.declarations.set(name, [...(this.declarations.get(name) ?? []), node])
  }

  /** In a loop, a use may come again until the loop is over, unless the variable is made anew each time. */
  private useAt(use: ts.Identifier): void {
    let last = use.end
    for (let node: ts.Node = use; node !== this.body; node = node.parent) {
      const outlives = ts.isIterationStatement(node, false) && this.isOlderThan(use.text, node)
      if (outlives) last = Math.max(last, node.end)
    }
    this.lastUses.set(use.text, Math.max(last, this.lastUses.get(use.text) ?? 0))
  }

  private isOlderThan(name: string, loop: ts.Node): boolean {
    const declared = this.declarations.get(name) ?? []
    return !declared.every((node) => node.pos >= loop.pos && node.end <= loop.end)
  }
}

/** What a condition asks: the same key however it is put, and `yes` where it is met. `a !== b` asks `a === b`. */
export interface Question {
  readonly key: string
  readonly yes: boolean
  readonly text: string
  readonly written: ts.Expression
}

export function questionOf(written: ts.Expression): Question {
  const plain = bare(written)
  const text = oneLine(plain)
  if (isNot(plain)) {
    const { key, yes } = questionOf(plain.operand)
    return { key, yes: !yes, text, written }
  }
  const sides = ts.isBinaryExpression(plain) && isOneOf(plain.operatorToken.kind, [...equals, ...unequals])
  if (!sides) return { key: text, yes: true, text, written }
  const key = `${oneLine(plain.left)} === ${oneLine(plain.right)}`
  return { key, yes: isOneOf(plain.operatorToken.kind, equals), text, written }
}

export const isNot = (node: ts.Expression): node is ts.PrefixUnaryExpression =>
  ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken

export const equals = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.EqualsEqualsToken]
export const unequals = [ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken]
export const isOneOf = (kind: ts.SyntaxKind, kinds: readonly ts.SyntaxKind[]): boolean => kinds.includes(kind)

/** The names that a declaration gives. */
export function namesOf(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((each) => (ts.isBindingElement(each) ? namesOf(each.name) : []))
}

export function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  if (!ts.isBinaryExpression(node)) return false
  const { kind } = node.operatorToken
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
}

const changes = (operator: ts.SyntaxKind): boolean =>
  operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken

/** Every name in an assignment's target: rather too many. */
export function namesIn(target: ts.Node): string[] {
  const names: string[] = []
  walk(target, (node) => void (ts.isIdentifier(node) && names.push(node.text)))
  return names
}
