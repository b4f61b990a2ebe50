// ESLint loads its configuration as an ES module, which jest can't do in its own process. Prints, as JSON,
// what it finds in the fixtures, and the ids of all messages that our rules have.
import { join } from 'node:path'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { imports } from '../../workers/lint/imports.mjs'
import { steps } from '../../workers/lint/steps.mjs'

const eslint = new ESLint({
  // The fixtures are a small repository of their own.
  cwd: join(import.meta.dirname, 'fixtures'),
  overrideConfigFile: join(import.meta.dirname, '../../eslint.config.mjs'),
  // They stand outside tsconfig.json, and most of what they import is not there.
  overrideConfig: tseslint.configs.disableTypeChecked,
})
const results = await eslint.lintFiles(['**/*.ts'])
const idsOf = (name, { meta }) => Object.keys(meta.messages).map((id) => `${name} ${id}`)
const messageIds = [...idsOf('sojourn/imports', imports), ...idsOf('sojourn/steps', steps)]
console.log(JSON.stringify({ results, messageIds }))
