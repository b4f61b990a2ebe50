import ts from 'typescript'
import type { SentMessage } from '../../sdk'
import { possibilities } from './expressions'
import type { Imports } from './imports'
import type { Problems } from './problems'
import type { Step } from './steps'

/** The messages a send may send. They are made by the sdk's own functions, so a new channel needs nothing here. */
export function messagesOf(step: Step, imports: Imports, problems: Problems): SentMessage[] {
  const given = step.call.arguments[1]
  if (step.verb !== 'send' || !given) return []
  const made = messagesIn(given, imports)
  if (made) return made
  const wanted = "write it here with literal names, such as email('folder/name', { … })"
  problems.at(step.call, `sends in '${step.id}' a message that the source does not name: ${wanted}`)
  return []
}

/** The messages an expression may stand for; undefined when the source does not say. */
export function messagesIn(expression: ts.Expression, imports: Imports): SentMessage[] | undefined {
  const made = valuesOf(expression, imports)
  return made?.every(isMessage) ? made.map(named) : undefined
}

/** Every value an expression may have: of literal texts, and of calls of imported functions with known values. */
function valuesOf(expression: ts.Expression, imports: Imports): unknown[] | undefined {
  const values = possibilities(expression).map((each) => {
    if (ts.isStringLiteralLike(each)) return [each.text]
    return ts.isCallExpression(each) ? valuesReturned(each, imports) : undefined
  })
  return values.every((each) => each !== undefined) ? values.flat() : undefined
}

function valuesReturned(call: ts.CallExpression, imports: Imports): unknown[] | undefined {
  const make = ts.isIdentifier(call.expression) ? imports.get(call.expression.text) : undefined
  if (typeof make !== 'function') return undefined
  return choices(valuesGiven(call, imports)).map((values) => make(...values) as unknown)
}

/** For each argument what it may be; undefined where the source does not say: a message's data, a topic that is looked up. */
const valuesGiven = (call: ts.CallExpression, imports: Imports): unknown[][] =>
  call.arguments.map((argument) => valuesOf(argument, imports) ?? [undefined])

const choices = (lists: readonly unknown[][]): unknown[][] =>
  lists.reduce<unknown[][]>(
    (made, list) => made.flatMap((start) => list.map((value) => [...start, value])),
    [[]],
  )

function isMessage(value: unknown): value is SentMessage {
  if (typeof value !== 'object' || value === null) return false
  return 'channel' in value && 'template' in value && typeof value.template === 'string'
}

const named = ({ channel, template, endpoint, topic, account }: SentMessage): SentMessage => ({
  channel,
  template,
  ...(endpoint !== undefined && { endpoint }),
  ...(topic !== undefined && { topic }),
  ...(account !== undefined && { account }),
})
