import { parseArgs } from 'node:util'
import { type Config, ConfigError, loadConfig } from '../../config'
import { createLogger } from '../../logger'
import { loadMessages } from '../../activities/messages'
import type { Build } from '../bundle'
import { schemas } from '../../catalog/schemas'
import { catalogNouns, messagesFolder } from '../catalog'
import { check, type JourneyReport } from '.'
import { deployedGraphs, traitsAt } from './deployed'
import { samplesOf } from './onward/samples'
import { wordsOf } from './words'
import { readWorkingCopy } from './working-copy'
import { configuredConnection, connectTemporal } from '../connection'
import { installRuntime } from '../runtime'

const usage = `usage: npx sojourn check [--json] [--sample <n>] [--url <url>]

  Compares this working copy with the build that runs, and with every enrollment inside.
  0: all go on unharmed; 1: some would break; 2: it could not tell
`

const options = {
  json: { type: 'boolean', default: false },
  sample: { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Words or JSON on standard output, progress on standard error. */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  const sample = values.sample === undefined ? undefined : Number(values.sample)
  const wrong = sample !== undefined && !(Number.isInteger(sample) && sample > 0)
  if (values.help || wrong) {
    process.stderr.write(usage)
    return values.help ? 0 : 2
  }
  const config = loadConfig(undefined, { LOG_LEVEL: 'error' })
  const reports = await reportsOf(config, values.url ?? config.publicUrl, sample)
  process.stdout.write(values.json ? `${JSON.stringify(reports, null, 2)}\n` : `${wordsOf(reports)}\n`)
  return codeOf(reports)
}

async function reportsOf(config: Config, url: string, sample: number | undefined): Promise<JourneyReport[]> {
  const logger = createLogger(config.logLevel)
  installRuntime(logger)
  const key = config.apiKey ?? 'dev'
  const deployed = await deployedGraphs(url, key)
  const build = await readWorkingCopy(logger)
  checkMessages(build)
  const temporal = await connectTemporal(
    configuredConnection().address ? {} : { address: `127.0.0.1:${config.temporalPort}` },
  )
  try {
    const began = Date.now()
    const progress = (done: number, all: number): void => {
      if (done === all || done % 100 === 0)
        process.stderr.write(`${done} of ${all}, ${Math.round((Date.now() - began) / 1_000)} s\n`)
    }
    return await check({
      client: temporal.client,
      taskQueue: config.taskQueue,
      build,
      deployed,
      sample,
      samples: samplesOf(schemas),
      traitsOf: traitsAt(url, key),
      progress,
    })
  } finally {
    await temporal.close()
  }
}

/** Throws an Error where no worker of the build would start. */
function checkMessages({ manifest }: Build): void {
  const problems = loadMessages(messagesFolder).check(manifest, catalogNouns())
  if (problems.length > 0) throw new Error(`no worker of this build would start: ${problems.join('; ')}`)
}

function codeOf(reports: readonly JourneyReport[]): number {
  if (reports.some(({ verdict }) => verdict === 'breaks')) return 1
  return reports.some(({ verdict }) => verdict === 'unknown') ? 2 : 0
}

function failed(error: Error): number {
  const words = error instanceof ConfigError ? error.message : `It could not be told: ${error.message}`
  process.stderr.write(`${words}\n`)
  return 2
}

void main(process.argv.slice(2)).catch(failed).then((code) => process.exit(code)) // prettier-ignore
