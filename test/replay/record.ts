import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { scriptedSmtp } from '../channels/scripted-smtp'
import globalSetup from '../support/global-setup'
import globalTeardown from '../support/global-teardown'
import { World } from '../support/world'
import { runsOf, scrubbed } from './histories'
import { type Life, lives, withMailAway } from './lives'

const AT_ONCE = 6
const folder = path.join(__dirname, 'histories')

/** Records anew, on real parts, the histories that replay.test.ts replays: run after a change of the engine that may break them. */
async function record(): Promise<void> {
  await globalSetup()
  const smtp = await scriptedSmtp({ greeting: '421 come back later' })
  const world = await World.open()
  const worldWithMailAway = await World.open({ smtpUrl: smtp.url })
  try {
    const away = withMailAway(() => void (smtp.script = {}))
    await keep([await settled([lived(worldWithMailAway, away)]), ...(await inGroups(world))].flat())
  } finally {
    await world.close()
    await worldWithMailAway.close()
    await smtp.close()
    await globalTeardown()
  }
}

const settled = (living: Promise<Recorded>[]): Promise<PromiseSettledResult<Recorded>[]> =>
  Promise.allSettled(living)

async function inGroups(world: World): Promise<PromiseSettledResult<Recorded>[][]> {
  const groups: PromiseSettledResult<Recorded>[][] = []
  for (let first = 0; first < lives.length; first += AT_ONCE)
    groups.push(await settled(lives.slice(first, first + AT_ONCE).map((life) => lived(world, life))))
  return groups
}

/** All or nothing. */
async function keep(recorded: readonly PromiseSettledResult<Recorded>[]): Promise<void> {
  const failures = recorded.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failures.length > 0) throw new AggregateError(failures, 'nothing is recorded: some lives failed')
  await emptied()
  for (const one of recorded) if (one.status === 'fulfilled') await write(one.value)
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
