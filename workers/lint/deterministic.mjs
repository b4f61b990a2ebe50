/** Who is handed values is testable, and says what it needs. */
export const environment = {
  object: 'process',
  property: 'env',
  message: 'Only config.ts reads the environment: take the value as an argument.',
}

const clock = "Read the time with journey.now(): it is the enrollment's, on replay too."
const dice = 'Choose with journey.split(…): it falls the same way on replay.'
const timer = 'Wait with journey.sleep(…), journey.sleepUntil(…) or journey.waitFor(…).'
const zone =
  "Work with local times through sdk/time and an explicit zone: this one uses the worker's zone and locale."
const outside = 'Workflows have no outside world: do it in an activity, and call it with journey.call(…).'

const named = (message, names) => names.map((name) => ({ name, message }))
const anywhere = (message, properties) => properties.map((property) => ({ property, message }))

const globals = [
  ...named(timer, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']),
  ...named(clock, ['performance']),
  ...named(zone, ['Intl']),
  ...named(outside, [
    'process',
    'Buffer',
    'fetch',
    'crypto',
    'console',
    'structuredClone',
    'require',
    '__dirname',
  ]),
  ...named('Collected memory is not replayed: keep what you need.', ['WeakRef', 'FinalizationRegistry']),
]

const localGetters = ['Date', 'Day', 'FullYear', 'Hours', 'Minutes', 'Month', 'TimezoneOffset'].map(
  (part) => `get${part}`,
)
const localTexts = ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString', 'localeCompare']

const properties = [
  { object: 'Date', property: 'now', message: clock },
  { object: 'Math', property: 'random', message: dice },
  ...anywhere(zone, [...localGetters, ...localTexts]),
]

const syntax = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: clock },
  { selector: 'CallExpression[callee.name="Date"]', message: clock },
  {
    selector:
      'Program > VariableDeclaration[kind!="const"], Program > ExportNamedDeclaration > VariableDeclaration[kind!="const"]',
    message:
      "Workflows share one module: keep what changes inside the journey's body, in a const here what does not.",
  },
]

/** A workflow does the same again when its history is replayed, on any machine and on any day. */
export const workflowRules = {
  'no-restricted-globals': ['error', ...globals],
  'no-restricted-properties': ['error', environment, ...properties],
  'no-restricted-syntax': ['error', ...syntax],
}
