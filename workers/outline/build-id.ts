import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Manifest } from '../../sdk'

/** Names a build by what it does: its manifest, and the source of its journeys and of the engine. Twelve hex digits. */
export function buildId(journeys: Manifest['journeys'], workflowsFolder: string): string {
  const hash = createHash('sha256').update(JSON.stringify(journeys))
  for (const path of sourcesIn(workflowsFolder)) {
    const text = readFileSync(join(workflowsFolder, path), 'utf8').replaceAll('\r\n', '\n')
    hash.update(`\0${path.split(sep).join('/')}\0${text}`)
  }
  return hash.digest('hex').slice(0, 12)
}

function sourcesIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => path.endsWith('.ts')).sort()
}
