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

/**
 * Records, on real parts, the histories that replay.test.ts replays. `npm run record -- mailCourse` records those of the named
 * journeys alone and leaves the rest; without a name all are recorded anew, after a change of the engine that may break them.
 */
async function record(journeys: readonly string[]): Promise<void> {
  const wanted = lives.filter(({ name }) => isNamed(name, journeys))
  await globalSetup()
  const smtp = await scriptedSmtp({ greeting: '421 come back later' })
  const world = await World.open()
  const worldWithMailAway = await World.open({ smtpUrl: smtp.url })
  try {
    const away = withMailAway(() => void (smtp.script = {}))
    const alone = isNamed(away.name, journeys) ? [lived(worldWithMailAway, away)] : []
    await keep([await settled(alone), ...(await inGroups(world, wanted))].flat(), journeys)
  } finally {
    await world.close()
    await worldWithMailAway.close()
    await smtp.close()
    await globalTeardown()
  }
}

const settled = (living: Promise<Recorded>[]): Promise<PromiseSettledResult<Recorded>[]> =>
  Promise.allSettled(living)

/** A history, or its file, is called by its journey and way; no name stands for all. */
const isNamed = (history: string, journeys: readonly string[]): boolean =>
  journeys.length === 0 || journeys.includes(history.split('-')[0]!)

async function inGroups(world: World, wanted: readonly Life[]): Promise<PromiseSettledResult<Recorded>[][]> {
  const groups: PromiseSettledResult<Recorded>[][] = []
  for (let first = 0; first < wanted.length; first += AT_ONCE)
    groups.push(await settled(wanted.slice(first, first + AT_ONCE).map((life) => lived(world, life))))
  return groups
}

/** All or nothing. */
async function keep(
  recorded: readonly PromiseSettledResult<Recorded>[],
  journeys: readonly string[],
): Promise<void> {
  const failures = recorded.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failures.length > 0) throw new AggregateError(failures, 'nothing is recorded: some lives failed')
  await emptied(journeys)
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

async function emptied(journeys: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const old = (await readdir(folder)).filter((file) => file.endsWith('.json') && isNamed(file, journeys))
  for (const file of old) await rm(path.join(folder, file))
}

async function write({ name, runs }: Recorded): Promise<void> {
  for (const [index, run] of runs.entries()) {
    const file = runs.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`
    await writeFile(path.join(folder, file), `${JSON.stringify(run)}\n`)
  }
}

void record(process.argv.slice(2))
