import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { bare, nameOf, valueOf } from './expressions'
import type { Problems } from './problems'

export type BodySource = ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration

export interface StageSource {
  readonly name: string
  readonly body: BodySource
}

/** A journey as its file has it: `export const name = defineJourney(…)`. */
export interface JourneySource {
  readonly name: string
  /** The first sentence of its docstring; empty without one. */
  readonly description: string
  readonly call: ts.CallExpression
  /** In order; a journey of one piece has the stage `body`. */
  readonly stages: readonly StageSource[]
}

/** All journeys of workflows/journeys, by file and place. */
export function readJourneys(workflowsFolder: string, problems: Problems): JourneySource[] {
  const folder = join(workflowsFolder, 'journeys')
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  return names.sort().flatMap((name) => journeysIn(parse(join(folder, name)), problems))
}

/** Whether this is a call of defineJourney, by its name or as a property of what was imported. */
export function definesJourney(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false
  const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression
  return ts.isIdentifier(callee) && callee.text === 'defineJourney'
}

/** The function, where the node is one that could be a body. */
export function asBody(node: ts.Node | undefined): BodySource | undefined {
  if (!node) return undefined
  const plain = ts.isExpression(node) ? bare(node) : node
  return ts.isArrowFunction(plain) || ts.isFunctionExpression(plain) || ts.isMethodDeclaration(plain)
    ? plain
    : undefined
}

const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)

function journeysIn(file: ts.SourceFile, problems: Problems): JourneySource[] {
  return file.statements.filter(isExported).flatMap((statement) =>
    statement.declarationList.declarations.flatMap(({ name, initializer }) => {
      const call = initializer && bare(initializer)
      if (!call || !definesJourney(call) || !ts.isIdentifier(name)) return []
      return [
        { name: name.text, description: firstSentence(statement), call, stages: stagesOf(call, problems) },
      ]
    }),
  )
}

function isExported(statement: ts.Statement): statement is ts.VariableStatement {
  if (!ts.isVariableStatement(statement)) return false
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false
}

function firstSentence(statement: ts.Statement): string {
  const doc = ts.getJSDocCommentsAndTags(statement).find(ts.isJSDoc)
  const text = (ts.getTextOfJSDocComment(doc?.comment) ?? '').replace(/\s+/g, ' ').trim()
  return /^.*?[.!?](?=\s+[^\sa-z]|$)/.exec(text)?.[0] ?? text
}

function stagesOf(call: ts.CallExpression, problems: Problems): StageSource[] {
  const given = call.arguments[1] && bare(call.arguments[1])
  const body = asBody(given)
  if (body) return [{ name: 'body', body }]
  if (given && ts.isObjectLiteralExpression(given))
    return given.properties.flatMap((each) => stageOf(each, problems))
  problems.at(given ?? call, 'has a body that is not written in place')
  return []
}

function stageOf(property: ts.ObjectLiteralElementLike, problems: Problems): StageSource[] {
  const name = nameOf(property)
  const body = asBody(ts.isMethodDeclaration(property) ? property : valueOf(property))
  if (name !== undefined && body) return [{ name, body }]
  problems.at(property, 'has a stage that is not a named function written in place')
  return []
}
