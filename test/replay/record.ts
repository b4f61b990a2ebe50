import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { scriptedSmtp } from '../channels/scripted-smtp'
import globalSetup from '../support/global-setup'
import globalTeardown from '../support/global-teardown'
import { World } from '../support/world'
import { runsOf, scrubbed } from './histories'
import { type Life, lives, withMailAway } from './lives'

const AT_ONCE = 6
const folder = path.join(__dirname, 'histories')

/** Records, on real parts, the histories that replay.test.ts replays: those that are not there yet. To record one anew, remove it first. */
async function record(): Promise<void> {
  await mkdir(folder, { recursive: true })
  const recorded = await readdir(folder)
  const isMissing = ({ name }: Life): boolean =>
    !recorded.some((file) => /^(.+?)(-\d+)?\.json$/.exec(file)?.[1] === name)
  const wanted = lives.filter(isMissing)
  await globalSetup()
  try {
    const away = isMissing(withMailAway(() => undefined)) ? await whileMailIsAway() : []
    await keep([...away, ...(await inGroups(wanted))])
  } finally {
    await globalTeardown()
  }
}

type Living = PromiseSettledResult<Recorded>

async function whileMailIsAway(): Promise<Living[]> {
  const smtp = await scriptedSmtp({ greeting: '421 come back later' })
  const world = await World.open({ smtpUrl: smtp.url })
  const away = withMailAway(() => void (smtp.script = {}))
  const settled = await Promise.allSettled([lived(world, away)])
  await world.close()
  await smtp.close()
  return settled
}

async function inGroups(wanted: readonly Life[]): Promise<Living[]> {
  const world = await World.open()
  const settled: Living[] = []
  for (let first = 0; first < wanted.length; first += AT_ONCE)
    settled.push(
      ...(await Promise.allSettled(wanted.slice(first, first + AT_ONCE).map((life) => lived(world, life)))),
    )
  await world.close()
  return settled
}

/** All or nothing. */
async function keep(recorded: readonly Living[]): Promise<void> {
  const failures = recorded.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failures.length > 0) throw new AggregateError(failures, 'nothing is recorded: some lives failed')
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

async function write({ name, runs }: Recorded): Promise<void> {
  for (const [index, run] of runs.entries()) {
    const file = runs.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`
    await writeFile(path.join(folder, file), `${JSON.stringify(run)}\n`)
  }
}

void record()
