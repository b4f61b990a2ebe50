import ts from 'typescript'
import { isListening, type AnyEvent } from '../../sdk'
import { isUse, nameOf, possibilities, textsOf, valueOf, walk } from './expressions'
import type { Imports } from './imports'
import type { Problems } from './problems'
import { definesJourney, type JourneySource } from './source'
import type { Step } from './steps'

/** An event that a journey's source uses, and whether it counts whatever key it carries. */
export interface EventUsed {
  readonly name: string
  readonly anyKey: boolean
  /** It must be about the message sent there. */
  readonly step?: string
}

/** Every event that the journey's file uses otherwise than to enroll on: rather too many than one too few. */
export function eventsUsed(journey: JourneySource, imports: Imports): EventUsed[] {
  const found: EventUsed[] = []
  walk(journey.call.getSourceFile(), (node) => {
    if (ts.isImportDeclaration(node) || isEnrollOn(node)) return false
    if (definesJourney(node) && node !== journey.call) return false
    if (ts.isIdentifier(node) && isUse(node)) found.push(...eventsOfUse(node, imports))
    return true
  })
  return found
}

/** The events a step waits for, through consts and choices. What can't be followed is a problem: it would never be heard. */
export function eventsAwaited(step: Step, imports: Imports, problems: Problems): EventUsed[] {
  const labels = step.verb === 'waitFor' && step.call.arguments[1]
  if (!labels) return []
  return eventsIn(labels, imports, (node) =>
    problems.at(
      node,
      `waits in '${step.id}' for \`${node.getText()}\`, which can't be followed to an event imported from catalog/events`,
    ),
  )
}

function eventsOfUse(use: ts.Expression, imports: Imports): EventUsed[] {
  const { parent } = use
  if (ts.isPropertyAccessExpression(parent) && eventsWithin(importedValue(parent, imports)).length > 0) {
    return eventsOfUse(parent, imports)
  }
  const anyKey = isOfAnyKey(use)
  return eventsWithin(importedValue(use, imports)).map((event) => ({
    ...event,
    anyKey: anyKey || event.anyKey,
  }))
}

type Lost = (node: ts.Node) => void

function eventsIn(expression: ts.Expression, imports: Imports, lost: Lost): EventUsed[] {
  return possibilities(expression).flatMap((found) => {
    const parts = partsOf(found)
    if (parts) return parts.flatMap((part) => eventsIn(part, imports, lost))
    if (ts.isCallExpression(found)) return eventsNarrowed(found, imports, lost)
    const events = eventsWithin(importedValue(found, imports))
    if (events.length === 0) lost(found)
    return events
  })
}

/** `event.where(…)` and `event.anyKey()`, and what the sdk makes to listen to. */
function eventsNarrowed(call: ts.CallExpression, imports: Imports, lost: Lost): EventUsed[] {
  const callee = call.expression
  const made = eventsListened(call, imports)
  if (made) return made
  const how = ts.isPropertyAccessExpression(callee) ? callee.name.text : ''
  if (!ts.isPropertyAccessExpression(callee) || !['where', 'anyKey'].includes(how)) {
    lost(call)
    return []
  }
  const events = eventsIn(callee.expression, imports, lost)
  return how === 'anyKey' ? events.map(({ name }) => ({ name, anyKey: true })) : events
}

/** `replied(…)` and its like: of what they are given only the step matters here. */
function eventsListened(
  { expression, arguments: given }: ts.CallExpression,
  imports: Imports,
): EventUsed[] | undefined {
  const make = importedValue(expression, imports)
  if (!isListening(make)) return undefined
  const [step] = given.flatMap((each) => textsOf(each) ?? [])
  return eventsWithin(make()).map((event) => ({ ...event, step }))
}

/** Says which steps are listened to at which nothing is sent: nobody would ever answer. */
export function checkAnswered(
  step: Step,
  awaited: readonly EventUsed[],
  steps: readonly Step[],
  problems: Problems,
): void {
  for (const { name, step: meant } of awaited) {
    if (meant === undefined || steps.some(({ id, verb }) => id === meant && verb === 'send')) continue
    problems.at(step.call, `waits in '${step.id}' for ${name} of '${meant}', and sends nothing there`)
  }
}

function partsOf(expression: ts.Expression): ts.Expression[] | undefined {
  if (ts.isArrayLiteralExpression(expression)) return [...expression.elements]
  if (ts.isSpreadElement(expression)) return [expression.expression]
  if (!ts.isObjectLiteralExpression(expression)) return undefined
  return expression.properties.flatMap((property) => valueOf(property) ?? [])
}

/** An imported name, or a property of one; of anything computed, all that it may be. */
function importedValue(expression: ts.Expression, imports: Imports): unknown {
  if (ts.isIdentifier(expression)) return imports.get(expression.text)
  if (ts.isElementAccessExpression(expression)) return importedValue(expression.expression, imports)
  if (!ts.isPropertyAccessExpression(expression)) return undefined
  const value = importedValue(expression.expression, imports)
  return isRecord(value) ? value[expression.name.text] : undefined
}

/** The events in a value: itself, or those in its lists and records. */
function eventsWithin(value: unknown, depth = 0): EventUsed[] {
  if (!isRecord(value) || depth > 3) return []
  if (isEvent(value)) return [{ name: value.name, anyKey: value.ofAnyKey }]
  return Object.values(value).flatMap((part) => eventsWithin(part, depth + 1))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isEvent = (value: object): value is AnyEvent =>
  'name' in value && 'conditions' in value && 'where' in value && typeof value.name === 'string'

/** Whether the chain of calls on an event has `.anyKey()` in it. */
function isOfAnyKey(event: ts.Node): boolean {
  const member = event.parent
  if (!ts.isPropertyAccessExpression(member) || member.expression !== event) return false
  return member.name.text === 'anyKey' || isOfAnyKey(member.parent)
}

function isEnrollOn(node: ts.Node): boolean {
  if (!ts.isPropertyAssignment(node) || nameOf(node) !== 'enrollOn') return false
  const call = node.parent.parent
  return definesJourney(call) && call.arguments[0] === node.parent
}
