import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { temporal } from '@temporalio/proto'
import { bundleWorkflowCode, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import { createLogger } from '../../logger'
import { temporalLogger } from '../../workers/runtime'
import { restored } from './histories'

export type History = temporal.api.history.v1.IHistory

const root = path.join(__dirname, '../..')
const histories = path.join(__dirname, 'histories')

/** The folder of the test run's build. */
export const build = process.env.SOJOURN_TEST_FOLDER!

/** The recorded histories. */
export const names = readdirSync(histories).map((file) => path.basename(file, '.json'))

export const json = (...file: string[]): unknown => JSON.parse(readFileSync(path.join(...file), 'utf8'))
export const read = (name: string): History => restored(json(histories, `${name}.json`))

const today: WorkflowBundleOption = { codePath: path.join(build, 'workflows.js') }

/** What the code makes otherwise than the history says; undefined when they agree. */
export const differenceOf = (
  name: string,
  history: History,
  workflowBundle: WorkflowBundleOption = today,
): Promise<Error | undefined> =>
  Worker.runReplayHistory({ workflowBundle, replayName: name }, history, name).then(
    () => undefined,
    (error: Error) => error,
  )

export const wordsOf = ({ message }: Error): string => /\[TMPRL\d+\] [^"\\]+/.exec(message)?.[0] ?? message

/** The workflows with the sources of journeys changed; each change must change something. */
export async function changedBundle(
  ...changes: readonly ((source: string) => string)[]
): Promise<WorkflowBundleOption> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-replay-'))
  for (const name of ['catalog', 'sdk', 'workflows'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  for (const change of changes) applyTo(path.join(folder, 'workflows', 'journeys'), change)
  const logger = temporalLogger(createLogger('silent'))
  const bundle = await bundleWorkflowCode({ workflowsPath: path.join(folder, 'workflows'), logger })
  rmSync(folder, { recursive: true, force: true })
  return bundle
}

function applyTo(journeys: string, change: (source: string) => string): void {
  const changed = readdirSync(journeys).filter((name) => {
    const file = path.join(journeys, name)
    const source = readFileSync(file, 'utf8')
    writeFileSync(file, change(source))
    return change(source) !== source
  })
  if (changed.length === 0) throw new Error(`nothing is changed by ${change}`)
}
