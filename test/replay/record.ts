import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import globalSetup from '../support/global-setup'
import globalTeardown from '../support/global-teardown'
import { World } from '../support/world'
import { runsOf, scrubbed } from './histories'
import { type Life, lives } from './lives'

const folder = path.join(__dirname, 'histories')

/** Records anew, on real parts, the histories that replay.test.ts replays: run after a change of the engine that may break them. */
async function record(): Promise<void> {
  await globalSetup()
  const world = await World.open()
  try {
    const recorded = await Promise.allSettled(lives.map((life) => lived(world, life)))
    const failures = recorded.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    if (failures.length > 0) throw new AggregateError(failures, 'nothing is recorded: some lives failed')
    await emptied()
    for (const one of recorded) if (one.status === 'fulfilled') await write(one.value)
  } finally {
    await world.close()
    await globalTeardown()
  }
}

interface Recorded {
  readonly name: string
  readonly runs: readonly unknown[]
}

async function lived(world: World, { name, workflowId, live }: Life): Promise<Recorded> {
  await live(world).catch((error: unknown) => {
    throw new Error(`${name} failed`, { cause: error })
  })
  const runs = await runsOf(world.client, workflowId)
  process.stderr.write(`${name}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}\n`)
  return { name, runs: runs.map(scrubbed) }
}

async function emptied(): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of await readdir(folder)) if (file.endsWith('.json')) await rm(path.join(folder, file))
}

async function write({ name, runs }: Recorded): Promise<void> {
  for (const [index, run] of runs.entries()) {
    const file = runs.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`
    await writeFile(path.join(folder, file), `${JSON.stringify(run)}\n`)
  }
}

void record()
