/**
 * Who may import whom. `folders` may be imported as they are, `types` only by `import type`.
 * `packages`: the only ones allowed at run time ("node" stands for node's own modules, a scope such as
 * "@temporalio" for all of its packages). `never`: not even their types. `unreached`: packages that nothing
 * imported from other folders may load in turn. `instead` ends the message.
 */
const directions = {
  sdk: {
    folders: [],
    packages: [],
    never: ['@temporalio', 'node'],
    instead: 'The sdk is pure language: put what needs more into the folder that uses it.',
  },
  catalog: {
    folders: ['sdk'],
    packages: ['zod'],
    never: ['@temporalio', 'node'],
    instead: 'The catalog only names things: put what acts on them into activities.',
  },
  workflows: {
    folders: ['sdk', 'catalog'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    never: ['node'],
    unreached: ['zod'],
    instead: 'Do it in an activity; a journey calls it as a step: journey.call(…).',
  },
  channels: {
    folders: [],
    types: ['sdk'],
    never: ['@temporalio'],
    instead: 'A channel is handed what it needs as arguments.',
  },
  store: {
    folders: ['sdk'],
    packages: ['node', 'kysely', 'pg', '@electric-sql'],
    never: ['@temporalio'],
    instead: 'The store is handed what it needs as arguments.',
  },
  activities: {
    folders: ['sdk', 'catalog', 'channels', 'store', 'logger'],
    instead: 'Take it from the deps of createActivities(deps).',
  },
  workers: {
    folders: ['activities', 'channels', 'store', 'sdk', 'catalog', 'logger'],
    types: ['workflows', 'config'],
    instead: 'Workers load workflows by path, and the api not at all; workers/dev.ts alone runs all in one.',
  },
  api: {
    folders: ['sdk', 'catalog', 'store', 'channels', 'logger'],
    types: ['workflows', 'config'],
    instead: 'Go through the store, or through Temporal by the signals and updates of a journey.',
  },
}

/** Files that may import more than the rest of their folder. */
const exceptions = [
  {
    from: 'workers',
    files: ['build', 'check/run', 'dispatch', 'process', 'settings-table', 'worker'].map(
      (name) => `workers/${name}.ts`,
    ),
    folders: ['config'],
  },
  { from: 'workers', files: ['workers/dev.ts'], folders: ['config', 'api'] },
  // What other services import: the engine's protocol as values. And the one hash that ids may need.
  { from: 'api', files: ['api/client.ts'], folders: ['workflows'] },
  { from: 'sdk', files: ['sdk/customer-ref.ts'], folders: [], packages: ['node'], never: ['@temporalio'] },
  // What a policy would have brought is told by the code that chooses: pure maths.
  {
    from: 'api',
    files: ['decision-regret', 'decision-report', 'holdout', 'journey-report', 'policy-text'].map(
      (name) => `api/${name}.ts`,
    ),
    folders: ['activities/decisioning'],
  },
  { from: 'api', files: ['api/server.ts', 'api/cli.ts', 'api/cli/**/*.ts'], folders: ['config'] },
]

/** The processes: they alone import config.ts and print to the console. Everyone else is handed values. */
export const processEntries = exceptions
  .filter(({ folders }) => folders.includes('config'))
  .flatMap(({ files }) => files)

/** Folders within a folder that may import less than it. */
const inner = {
  'activities/decisioning': {
    from: 'activities',
    folders: ['sdk'],
    packages: [],
    never: ['@temporalio', 'node'],
    instead: 'Choosing is pure maths: it is handed what it needs as arguments.',
  },
}

/** The options of the rule `imports`, by the files they are for; later ones replace earlier ones. */
export const importOptions = [
  ...Object.entries(directions).map(([from, options]) => ({
    files: [`${from}/**/*.ts`],
    options: { from, ...options },
  })),
  ...Object.entries(inner).map(([folder, options]) => ({ files: [`${folder}/**/*.ts`], options })),
  ...exceptions.map(({ from, files, folders, ...more }) => ({
    files,
    options: { from, ...directions[from], ...more, folders: [...directions[from].folders, ...folders] },
  })),
]
