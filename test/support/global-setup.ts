import { mkdtemp, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createLogger } from '../../logger'
import { openStore } from '../../store'
import { makeBuild } from '../../workers/make-build'
import { startPostgres } from '../../workers/servers/postgres'
import { startTemporal } from '../../workers/servers/temporal'
import { freePort } from '../../workers/servers/ports'
import { makeImage } from './embedded'
import { TEMPLATE } from './postgres'

/** One Temporal server, one Postgres and one build for all test files; where they are is told by environment variables. */
export default async function globalSetup(): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sojourn-test-'))
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), say })
  await (await openStore({ url: await postgres.createDatabase(TEMPLATE) })).close()
  await makeImage(folder)
  const temporal = await startTemporal({
    dataDir: folder,
    port: await freePort(),
    withUi: false,
    cliPath: process.env.TEMPORAL_CLI_PATH,
    searchPath: process.env.PATH,
    say,
  })
  const build = await makeBuild(createLogger('warn'))
  await writeFile(
    path.join(folder, 'workflows.js'),
    'code' in build.workflowBundle ? build.workflowBundle.code : '',
  )
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(build.manifest))
  Object.assign(process.env, {
    SOJOURN_TEST_FOLDER: folder,
    SOJOURN_TEST_POSTGRES: postgres.url,
    SOJOURN_TEST_TEMPORAL: temporal.address,
  })
  Object.assign(globalThis, { sojournServers: { postgres, temporal, folder } })
}
