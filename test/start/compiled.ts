import { spawnSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { Child, root } from './child'

/**
 * Compiles into `folder`/dist, as `npm run build` does into dist/, our source or a copy of it that lies in the folder.
 * Gives the path of dist.
 */
export function buildInto(folder: string, source = root): string {
  // The compiled code finds its packages by looking upward from where it lies; so does the copy.
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const dist = path.join(folder, 'dist')
  const build = spawnSync(process.execPath, ['--import', 'tsx', 'workers/build.ts', dist], { cwd: source, encoding: 'utf8' }) // prettier-ignore
  if (build.status !== 0) throw new Error(`the build failed: ${build.stdout}${build.stderr}`)
  return dist
}

export type Kind = 'api' | 'worker' | 'dispatcher'

const entries: Record<Kind, string> = {
  api: 'api/server.js',
  worker: 'workers/worker.js',
  dispatcher: 'workers/dispatch.js',
}

/** One production process from compiled code. */
export const startCompiled = (dist: string, kind: Kind, settings: Record<string, string>): Child =>
  new Child(process.execPath, [path.join(dist, entries[kind])], settings)
