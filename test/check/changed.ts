import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLogger } from '../../logger'
import { readWorkingCopy, type WorkingCopy } from '../../workers/check/working-copy'
import { outlineJourneys } from '../../workers/outline'
import type { Manifest } from '../../sdk'

const root = path.join(__dirname, '../..')

export type Edit = (source: string) => string

/** New text for a place in the source of a journey. */
export const from =
  (text: string | RegExp, to: string): Edit =>
  (source) =>
    source.replace(text, to)

/** The build of a working copy whose journeys are edited, as `check` makes it; every edit must change something. */
export const changedBuild = (edits: readonly Edit[]): Promise<WorkingCopy> =>
  edited(edits, (workflows) => readWorkingCopy(createLogger('silent'), workflows))

/** Its manifest alone. */
export function changedManifest(edits: readonly Edit[]): Manifest {
  const folder = copyWith(edits)
  try {
    return outlineJourneys(path.join(folder, 'workflows'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function edited<Value>(
  edits: readonly Edit[],
  use: (workflows: string) => Promise<Value>,
): Promise<Value> {
  const folder = copyWith(edits)
  try {
    return await use(path.join(folder, 'workflows'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyWith(edits: readonly Edit[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-check-'))
  for (const name of ['catalog', 'sdk', 'workflows'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  for (const edit of edits) apply(path.join(folder, 'workflows', 'journeys'), edit)
  return folder
}

function apply(journeys: string, edit: Edit): void {
  const changed = readdirSync(journeys).filter((name) => {
    const file = path.join(journeys, name)
    const source = readFileSync(file, 'utf8')
    writeFileSync(file, edit(source))
    return edit(source) !== source
  })
  if (changed.length === 0) throw new Error(`nothing is changed by ${edit}`)
}
