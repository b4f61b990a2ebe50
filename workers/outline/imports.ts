import { dirname, resolve } from 'node:path'
import ts from 'typescript'
import { load } from './load'
import type { Problems } from './problems'

/** What the names mean that a file imports from other files of ours, by the file's own name for them. */
export type Imports = ReadonlyMap<string, unknown>

/** Loads what a file imports. Types and packages are left out. */
export function importsOf(file: ts.SourceFile, problems: Problems): Imports {
  return new Map(file.statements.filter(ts.isImportDeclaration).flatMap((each) => bindingsOf(each, problems)))
}

function bindingsOf(declaration: ts.ImportDeclaration, problems: Problems): [string, unknown][] {
  const clause = declaration.importClause
  const specifier = (declaration.moduleSpecifier as ts.StringLiteral).text
  if (!clause || clause.isTypeOnly || !/^[./]/.test(specifier)) return []
  const module = load(resolve(dirname(declaration.getSourceFile().fileName), specifier))
  const bindings: [string, unknown][] = clause.name ? [[clause.name.text, module['default']]] : []
  const named = clause.namedBindings
  if (!named) return bindings
  if (ts.isNamespaceImport(named)) return [...bindings, [named.name.text, module]]
  for (const element of named.elements.filter((each) => !each.isTypeOnly)) {
    const name = (element.propertyName ?? element.name).text
    if (/catalog\/events$/.test(specifier) && !(name in module)) {
      problems.at(element, `imports ${name} from ${specifier}, where there is no such event`)
    }
    bindings.push([element.name.text, module[name]])
  }
  return bindings
}
