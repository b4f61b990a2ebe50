import { readFile } from 'node:fs/promises'
import path from 'node:path'

const bundle = (): Promise<string> =>
  readFile(path.join(process.env.SOJOURN_TEST_FOLDER!, 'workflows.js'), 'utf8')

/** The names of the modules in a bundle, those in one scope with others included. */
const modulesOf = (code: string): string[] =>
  [...code.matchAll(/^(?:\/\*\*\*\/ "([^"]+)"|;\/\/ (\.\/\S+))/gm)].map(
    ([, alone, inScope]) => alone ?? inScope!,
  )

test('holds the journeys, and no schema library, database, channel or setting', async () => {
  const modules = modulesOf(await bundle())
  expect(modules.some((name) => name.includes('journeys/trial-onboarding'))).toBe(true)
  const forbidden =
    /node_modules\/(zod|kysely|pg|luxon|moment|pino|liquidjs)|^\.\/(store|channels|activities|api)\/|^\.\/(config|logger)\.|catalog\/(schemas|traits)/
  expect(modules.filter((name) => forbidden.test(name))).toEqual([])
})
