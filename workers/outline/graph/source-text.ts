import ts from 'typescript'
import { bare, nameOf, possibilities, valueOf } from '../expressions'

/** One line of source, without quotes around a text. */
export function textOf(expression: ts.Expression): string {
  const plain = bare(expression)
  if (ts.isStringLiteralLike(plain)) return plain.text
  const line = oneLine(plain)
  return ts.isTemplateExpression(plain) ? line.slice(1, -1) : line
}

/** The same, through consts: a change of what they were given is a change of the step. */
export function givenText(expression: ts.Expression): string {
  const [only, ...more] = possibilities(expression)
  return only && more.length === 0 ? textOf(only) : textOf(expression)
}

/** As it would stand in one line, whatever the formatter made of it. */
export const oneLine = (node: ts.Node): string =>
  node
    .getText()
    .replace(/\s+/g, ' ')
    .replace(/([[(]) /g, '$1')
    .replace(/,? ([\])])/g, '$1')

/** The properties of an object literal, also of a const one or of a choice of them, as text by name. */
export function properties(expression: ts.Expression | undefined): Record<string, string> {
  const objects = expression ? possibilities(expression).filter(ts.isObjectLiteralExpression) : []
  return Object.fromEntries(objects.flatMap((each) => each.properties.flatMap(textByName)))
}

function textByName(property: ts.ObjectLiteralElementLike): [string, string][] {
  const value = valueOf(property)
  if (ts.isSpreadAssignment(property)) return Object.entries(properties(value))
  const name = nameOf(property)
  return name === undefined ? [] : [[name, value ? givenText(value) : oneLine(property)]]
}
