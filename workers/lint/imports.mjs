import { existsSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'

const ours = [
  'sdk',
  'catalog',
  'workflows',
  'channels',
  'store',
  'activities',
  'workers',
  'api',
  'test',
  'config',
  'logger',
]

const messages = {
  folder: '{{from}} may not import {{to}}. {{instead}}',
  type: '{{from}} may import only types of {{to}}: write `import type`. {{instead}}',
  sibling: 'One channel may not import another: put what both need directly into channels/.',
  package: '{{from}} may not import {{to}}. {{instead}}',
  packageType: '{{from}} may not use {{to}} at run time, only its types: write `import type`. {{instead}}',
  reached:
    '{{to}} loads {{heavy}}, which {{from}} may not carry: take its types by `import type`, or split the file.',
}

/** Import directions between the top-level folders. Options: see directions.mjs. */
export const imports = {
  meta: { type: 'problem', schema: [{ type: 'object' }], messages },
  create(context) {
    const check = (source, isType) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return
      const found = fault(context, source.value, isType)
      if (found) context.report({ node: source, ...found })
    }
    return {
      ImportDeclaration: (node) => check(node.source, isTypeOnly(node, 'importKind')),
      ExportNamedDeclaration: (node) => check(node.source, isTypeOnly(node, 'exportKind')),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      TSExternalModuleReference: (node) => check(node.expression, node.parent.importKind === 'type'),
      TSImportType: (node) => check(node.source, true),
      ImportExpression: (node) => check(node.source, false),
      'CallExpression[callee.name="require"]': (node) => check(node.arguments[0], false),
    }
  },
}

function isTypeOnly(node, kind) {
  if (node[kind] === 'type') return true
  return node.specifiers.length > 0 && node.specifiers.every((specifier) => specifier[kind] === 'type')
}

function fault(context, specifier, isType) {
  const options = context.options[0]
  return /^[./]/.test(specifier)
    ? folderFault(options, placesOf(context, specifier), isType)
    : packageFault(options, packageOf(specifier), isType)
}

/** Where the import stands and what it names, as paths from the repository's root. */
function placesOf(context, specifier) {
  const target = resolve(dirname(context.filename), specifier)
  const fromRoot = (path) => relative(context.cwd, path).split(sep).join('/')
  return { root: context.cwd, file: fromRoot(context.filename), target: fromRoot(target) }
}

function folderFault(options, places, isType) {
  const { from, folders, types = [], instead } = options
  const to = places.target.split('/')[0]
  if (to === from) return from === 'channels' ? siblingFault(places) : undefined
  if (!ours.includes(to)) return undefined
  const data = { from, to, instead }
  const isAllowed = folders.some((folder) => `${places.target}/`.startsWith(`${folder}/`))
  if (isAllowed) return isType ? undefined : reachedFault(options, places)
  if (!types.includes(to)) return { messageId: 'folder', data }
  return isType ? undefined : { messageId: 'type', data }
}

/** Folders of channels/ are channels; its own files are common to all. */
function siblingFault({ root, file, target }) {
  const [from, to] = [file, target].map((path) => path.split('/').slice(0, 2).join('/'))
  const isChannel = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()
  return from !== to && isChannel(from) && isChannel(to) ? { messageId: 'sibling' } : undefined
}

function reachedFault({ from, unreached = [] }, { root, target }) {
  const loaded = unreached.length > 0 ? packagesLoadedBy(join(root, target)) : []
  const heavy = loaded.find((name) => unreached.includes(name))
  return heavy && { messageId: 'reached', data: { from, to: target, heavy } }
}

function packageFault({ from, packages, never = [], instead }, name, isType) {
  const to = name === 'node' ? "node's own modules" : name
  const listedIn = (list) => list.some((entry) => name === entry || name.startsWith(`${entry}/`))
  if (packages && listedIn(packages)) return undefined
  if (listedIn(never)) return { messageId: 'package', data: { from, to, instead } }
  if (!packages || isType) return undefined
  return { messageId: 'packageType', data: { from, to, instead } }
}

function packageOf(specifier) {
  if (isBuiltin(specifier)) return 'node'
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** The packages that importing this module loads, through our other files too. */
function packagesLoadedBy(module, seen = new Set()) {
  const file = [`${module}.ts`, join(module, 'index.ts')].find((path) => existsSync(path))
  if (!file || seen.has(file)) return []
  seen.add(file)
  return valueImportsOf(file).flatMap((specifier) =>
    specifier.startsWith('.')
      ? packagesLoadedBy(resolve(dirname(file), specifier), seen)
      : [packageOf(specifier)],
  )
}

const valueImport = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm

const valueImportsOf = (file) =>
  [...readFileSync(file, 'utf8').matchAll(valueImport)].map((match) => match[1])
