/** What a journey may be asked anywhere; everything else on it is a step. */
const notSteps = new Set(['customer', 'trigger', 'key', 'now'])
/** Steps that are no promise. */
const immediate = new Set(['split', 'revision', 'revised'])

const messages = {
  exported: "Write `export const name = defineJourney(…)`: the export's name is the journey's name.",
  renamed: 'Import defineJourney under its own name: the journeys of a build are found by it.',
  body: 'Write the body here, as a function that takes `journey`: steps are read from the source.',
  stages: 'Write the stages here, as `{ name: async (journey) => { … } }`: steps are read from the source.',
  whole: 'Take `journey` as one parameter and call journey.send(…) on it, instead of taking it apart.',
  id: "A step's id is a text written here: journey.{{verb}}('name-of-step', …); put what varies into the other arguments.",
  twice: "There is a step '{{id}}' on line {{line}} already; give this one an id of its own.",
  nested:
    'Call journey.{{verb}} in the body itself, not in a function inside it: use for…of for loops, journey.parallel for things side by side.',
  outer: 'A branch calls steps on its own journey: `{{branch}}: async (journey) => { … }`.',
  passed: "Don't hand `journey` on: call its steps in the body, and let a helper take and return values.",
  apart: "Don't take `journey` apart: write journey.send(…) where the step happens.",
  kept: "Don't keep `journey` under another name: write journey.send(…) where the step happens.",
  called: 'Call journey.{{verb}}(…) where the step happens, instead of keeping the verb for later.',
  computed: 'Name the verb: journey.send(…), not journey[…]; choose between steps with if or switch.',
  awaited:
    'Await journey.{{verb}}(…), return it, or put it straight into Promise.race([…]) or Promise.all([…]).',
  branches:
    'Write the branches here, as `{ name: async (journey) => { … } }`: steps are read from the source.',
  caught:
    "Steps don't reject for what a customer or a provider does: look at the label of their outcome, and clean up in `finally`. A catch would also hold up goal and exit.",
}

/** Journeys are written so that all their steps can be read from the source. */
export const steps = {
  meta: { type: 'problem', schema: [], messages },
  create: (context) => ({
    ImportSpecifier: (node) => checkName(context, node),
    CallExpression(node) {
      if (definesJourney(node)) checkJourney(context, node)
    },
  }),
}

function checkName(context, { imported, local }) {
  if (imported.name !== 'defineJourney' || local.name === 'defineJourney') return
  context.report({ node: local, messageId: 'renamed' })
}

const definesJourney = ({ callee }) => (callee.property ?? callee).name === 'defineJourney'
const isFunction = (node) => /^(ArrowFunction|Function)Expression$/.test(node?.type ?? '')

function checkJourney(context, call) {
  if (!isExportedConst(call.parent)) context.report({ node: call.callee, messageId: 'exported' })
  const given = call.arguments[1]
  const journey = { context, ids: new Map(), catches: new Set() }
  if (isFunction(given)) checkBody(journey, given)
  else if (given?.type === 'ObjectExpression') checkBodies(journey, given, 'stages')
  else context.report({ node: given ?? call, messageId: 'body' })
}

function isExportedConst(declarator) {
  if (declarator.type !== 'VariableDeclarator' || declarator.id.type !== 'Identifier') return false
  return declarator.parent.kind === 'const' && declarator.parent.parent.type === 'ExportNamedDeclaration'
}

/** Stages of a journey, or branches of a step: named functions. */
function checkBodies(journey, object, messageId) {
  for (const property of object.properties) {
    const named = property.type === 'Property' && !property.computed && isFunction(property.value)
    if (named) checkBody(journey, property.value)
    else journey.context.report({ node: property, messageId })
  }
}

function checkBody(journey, body) {
  const parameter = body.params[0]
  if (!parameter) return
  if (parameter.type !== 'Identifier') return journey.context.report({ node: parameter, messageId: 'whole' })
  const variables = journey.context.sourceCode.getDeclaredVariables(body)
  const { references } = variables.find((variable) => variable.identifiers.includes(parameter))
  for (const { identifier } of references) checkUse(journey, body, identifier)
}

function checkUse(journey, body, identifier) {
  const member = identifier.parent
  if (member.type === 'TSTypeQuery') return
  if (member.type !== 'MemberExpression' || member.object !== identifier) {
    return journey.context.report({ node: identifier, messageId: misuse(member) })
  }
  if (member.computed) return journey.context.report({ node: member, messageId: 'computed' })
  const verb = member.property.name
  if (notSteps.has(verb)) return
  if (member.parent.type === 'CallExpression' && member.parent.callee === member) {
    return checkStep(journey, body, member.parent, verb)
  }
  journey.context.report({ node: member, messageId: 'called', data: { verb } })
}

function misuse(parent) {
  if (parent.type === 'VariableDeclarator') return parent.id.type === 'ObjectPattern' ? 'apart' : 'kept'
  return parent.type === 'AssignmentExpression' ? 'kept' : 'passed'
}

function checkStep(journey, body, call, verb) {
  checkPlace(journey, body, call, verb)
  checkId(journey, call, verb)
  if (!immediate.has(verb) && !isAwaited(call)) {
    journey.context.report({ node: call, messageId: 'awaited', data: { verb } })
  }
  if (verb === 'parallel') checkBranches(journey, call)
}

function checkPlace({ context, catches }, body, call, verb) {
  for (let node = call; node !== body; node = node.parent) {
    if (isFunction(node) || node.type === 'FunctionDeclaration') {
      return context.report({ node: call, ...nesting(node, verb) })
    }
    const { parent } = node
    if (parent.type !== 'TryStatement' || parent.block !== node || !parent.handler) continue
    if (!catches.has(parent)) context.report({ node: parent.handler, messageId: 'caught' })
    catches.add(parent)
  }
}

function nesting(inside, verb) {
  const branch = branchName(inside)
  return branch ? { messageId: 'outer', data: { branch } } : { messageId: 'nested', data: { verb } }
}

/** The name of the branch that this function is, if it is one of journey.parallel. */
function branchName({ parent: property }) {
  const call = property.type === 'Property' && property.parent.parent
  const isBranch = call && call.type === 'CallExpression' && call.callee.property?.name === 'parallel'
  return isBranch ? (property.key.name ?? property.key.value) : undefined
}

function checkId({ context, ids }, call, verb) {
  const node = call.arguments[0]
  const id = node?.type === 'Literal' && typeof node.value === 'string' ? node.value : ''
  if (id === '') return context.report({ node: node ?? call, messageId: 'id', data: { verb } })
  const line = ids.get(id)
  if (line) context.report({ node, messageId: 'twice', data: { id, line } })
  else ids.set(id, node.loc.start.line)
}

function isAwaited(node) {
  const { parent } = node
  switch (parent.type) {
    case 'AwaitExpression':
    case 'ReturnStatement':
    case 'ArrowFunctionExpression':
      return true
    case 'ConditionalExpression':
      return parent.test !== node && isAwaited(parent)
    case 'LogicalExpression':
      return parent.right === node && isAwaited(parent)
    case 'ArrayExpression':
      return isRaceOrAll(parent.parent) && isAwaited(parent.parent)
    default:
      return false
  }
}

function isRaceOrAll({ type, callee }) {
  if (type !== 'CallExpression' || callee.type !== 'MemberExpression') return false
  return callee.object.name === 'Promise' && ['race', 'all'].includes(callee.property.name)
}

function checkBranches(journey, call) {
  const branches = call.arguments[1]
  if (branches?.type === 'ObjectExpression') return checkBodies(journey, branches, 'branches')
  journey.context.report({ node: branches ?? call, messageId: 'branches' })
}
