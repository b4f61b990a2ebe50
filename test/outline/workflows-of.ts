import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { outlineJourneys } from '../../workers/outline'

const ours = join(__dirname, '../..')
export const fixtures = join(__dirname, 'fixtures')
const head = `
import { classBooked, gymJoined } from '${fixtures}/catalog/events'
import { about, email, webhook } from '${ours}/sdk'
import { defineJourney } from '${fixtures}/workflows/enrollment'
`
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

/** A workflows folder under the temporary folder, with these files in journeys; the index exports all of them. */
export function workflowsOf(files: Record<string, string>, index?: string): string {
  const root = mkdtempSync(join(tmpdir(), 'outline-'))
  folders.push(root)
  const all = Object.keys(files).map((name) => `export * from './journeys/${name}'`)
  const written = { index: index ?? all.join('\n'), ...prefixed(files) }
  for (const [path, text] of Object.entries(written)) {
    const file = join(root, 'workflows', `${path}.ts`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return join(root, 'workflows')
}

const prefixed = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`journeys/${name}`, head + text]))

export const withBody = (body: string) =>
  `export const gym = defineJourney({ enrollOn: gymJoined }, async (journey) => {${body}})`

/** The outline of the one journey of a file. */
export const outlineOf = (text: string) => outlineJourneys(workflowsOf({ gym: text })).journeys['gym']
