import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLogger } from '../../logger'
import { readWorkingCopy, type WorkingCopy } from '../../workers/check/working-copy'

const root = path.join(__dirname, '../..')

/** A build of our engine with these journeys, by their names, in place of the shipped ones; `check` can watch it. */
export async function buildOf(journeys: Readonly<Record<string, string>>): Promise<WorkingCopy> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-flight-'))
  try {
    for (const name of ['catalog', 'sdk', 'workflows/enrollment'])
      cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    const workflows = path.join(folder, 'workflows')
    mkdirSync(path.join(workflows, 'journeys'))
    for (const [name, source] of Object.entries(journeys))
      writeFileSync(path.join(workflows, 'journeys', `${name}.ts`), source)
    const exported = Object.keys(journeys).map((name) => `export * from './${name}'\n`)
    writeFileSync(path.join(workflows, 'journeys', 'index.ts'), exported.join(''))
    writeFileSync(path.join(workflows, 'index.ts'), "export * from './journeys'\n")
    return await readWorkingCopy(createLogger('silent'), workflows)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
