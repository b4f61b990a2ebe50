import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Manifest } from '../sdk/manifest'

/** One build of the journeys: the code Temporal runs, and what the rest of us knows of it. */
export interface Build {
  readonly workflowBundle: { code: string } | { codePath: string }
  readonly manifest: Manifest
}

const folder = path.join(__dirname, '..', 'build')

/** The build that `npm run build` put beside the compiled code. Throws an Error with a sentence when there is none. */
export function prebuilt(): Build {
  const codePath = path.join(folder, 'workflows.js')
  if (!existsSync(codePath))
    throw new Error('there is no build; run `npm run build` first, and start from dist/')
  return {
    workflowBundle: { codePath },
    manifest: JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Manifest,
  }
}
