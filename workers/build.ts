import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createLogger } from '../logger'
import { makeBuild } from './make-build'

const root = path.join(__dirname, '..')
const out = path.join(root, 'dist')

/** `npm run build`: compiled code, the workflow bundle, its manifest and the messages, ready for `node dist/…`. */
async function build(): Promise<void> {
  rmSync(out, { recursive: true, force: true })
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
  const { workflowBundle, manifest } = await makeBuild(createLogger('warn'))
  mkdirSync(path.join(out, 'build'), { recursive: true })
  if ('code' in workflowBundle) writeFileSync(path.join(out, 'build', 'workflows.js'), workflowBundle.code)
  writeFileSync(path.join(out, 'build', 'manifest.json'), JSON.stringify(manifest, null, 1))
  cpSync(path.join(root, 'catalog', 'messages'), path.join(out, 'catalog', 'messages'), { recursive: true })
  process.stdout.write(`build ${manifest.build}: ${Object.keys(manifest.journeys).join(', ')}\n`)
}

build().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
