import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createLogger } from '../logger'
import { makeBuild } from './make-build'

const root = path.join(__dirname, '..')

/**
 * `npm run build`: compiled code, the workflow bundle, its manifest and the messages, ready for `node dist/…`;
 * `npm run build -- folder` puts them into a new folder instead.
 */
async function build(elsewhere?: string): Promise<void> {
  const out = emptyFolder(elsewhere)
  const project = path.join(root, 'tsconfig.build.json')
  const compiler = require.resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', out], { stdio: 'inherit' })
  const { workflowBundle, manifest } = await makeBuild(createLogger('warn'))
  mkdirSync(path.join(out, 'build'), { recursive: true })
  if ('code' in workflowBundle) writeFileSync(path.join(out, 'build', 'workflows.js'), workflowBundle.code)
  writeFileSync(path.join(out, 'build', 'manifest.json'), JSON.stringify(manifest, null, 1))
  for (const asItIs of ['catalog/messages', 'workers/thread/journey-thread.mjs'])
    cpSync(path.join(root, asItIs), path.join(out, asItIs), { recursive: true })
  process.stdout.write(`build ${manifest.build}: ${Object.keys(manifest.journeys).join(', ')}\n`)
}

function emptyFolder(elsewhere?: string): string {
  const out = elsewhere === undefined ? path.join(root, 'dist') : path.resolve(elsewhere)
  // Only our own is emptied; another must not be there yet.
  if (elsewhere === undefined) rmSync(out, { recursive: true, force: true })
  mkdirSync(out)
  return out
}

build(process.argv[2]).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
