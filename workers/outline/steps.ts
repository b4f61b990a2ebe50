import ts from 'typescript'
import { isUse } from './expressions'
import type { Problems } from './problems'
import { asBody, type BodySource, type JourneySource } from './source'

/** A step as the source has it. */
export interface Step {
  readonly id: string
  readonly verb: string
  readonly stage: string
  readonly call: ts.CallExpression
}

/** What a journey may be asked that is no step. */
const notSteps = new Set(['customer', 'trigger', 'key', 'now'])

/** All steps of a journey, in the order of the source. */
export function stepsOf(journey: JourneySource, problems: Problems): Step[] {
  const steps = journey.stages.flatMap(({ name, body }) => {
    const found: Step[] = []
    readBody(body, { stage: name, found, problems })
    return found
  })
  const seen = new Set<string>()
  for (const { id, call } of steps) {
    if (seen.has(id)) problems.at(call, `uses the step id '${id}' a second time`)
    seen.add(id)
  }
  return steps
}

interface Reading {
  readonly stage: string
  readonly found: Step[]
  readonly problems: Problems
}

/** A body or a branch: its steps are those called on its own parameter, or on one around it. */
function readBody(body: BodySource, reading: Reading, around: readonly string[] = []): void {
  const name = body.parameters[0]?.name
  if (name && !ts.isIdentifier(name)) {
    reading.problems.at(name, 'takes the journey apart, so its steps cannot be read')
  } else if (body.body) {
    readNode(body.body, name ? [...around, name.text] : around, reading)
  }
}

function readNode(node: ts.Node, journeys: readonly string[], reading: Reading): void {
  if (isJourney(node, journeys) && isUse(node)) readUse(node, reading)
  ts.forEachChild(node, (child) => {
    const branch = branchIn(child, journeys)
    if (branch) readBody(branch, reading, journeys)
    else readNode(child, journeys, reading)
  })
}

const isJourney = (node: ts.Node, journeys: readonly string[]): node is ts.Identifier =>
  ts.isIdentifier(node) && journeys.includes(node.text)

function readUse(journey: ts.Identifier, { stage, found, problems }: Reading): void {
  const member = journey.parent
  if (!ts.isPropertyAccessExpression(member)) {
    return problems.at(journey, 'hands the journey on, so steps could be hidden')
  }
  const verb = member.name.text
  if (notSteps.has(verb)) return
  const call = member.parent
  if (!ts.isCallExpression(call) || call.expression !== member) {
    return problems.at(member, `keeps journey.${verb} for later, so its steps cannot be read`)
  }
  const id = call.arguments[0]
  if (id && ts.isStringLiteral(id)) found.push({ id: id.text, verb, stage, call })
  else problems.at(call, `calls journey.${verb} without a step id that is a literal text`)
}

/** The function, where the node is a branch of a step: a property of an object that a verb is given. */
function branchIn(property: ts.Node, journeys: readonly string[]): BodySource | undefined {
  if (!ts.isPropertyAssignment(property) && !ts.isMethodDeclaration(property)) return undefined
  const call = property.parent.parent
  if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return undefined
  if (!isJourney(call.expression.expression, journeys)) return undefined
  return asBody(ts.isMethodDeclaration(property) ? property : property.initializer)
}
