import { hostname } from 'node:os'
import { ConfigError, type Config, loadConfig, needSettings } from '../config'
import { createLogger, type Logger } from '../logger'
import { openStore } from '../store'
import type { Store } from '../store/store'
import { type Build, prebuilt } from './bundle'
import { connectTemporal, type TemporalConnections } from './connection'
import { startHealth } from './health'
import { installRuntime } from './runtime'
import { ensureSearchAttributes } from './servers/namespace'

/** What a production process works with. */
export interface ProcessParts {
  readonly config: Config
  readonly logger: Logger
  readonly store: Store
  readonly temporal: TemporalConnections
  readonly build: Build
  /** Tells this process from others. */
  readonly owner: string
}

/** Something that runs until stopped. */
export interface Part {
  stop(): Promise<void>
  /** Rejects when it breaks. */
  readonly running?: Promise<void>
  /** Whether it works; without it, while it runs. */
  ready?(): boolean
}

type Needs = Parameters<typeof needSettings>[1]

/** Runs one production process: settings, connections, the part itself; ends in order on SIGTERM and SIGINT. */
export async function runProcess(
  name: string,
  needs: Needs | ((config: Config) => Needs),
  start: (parts: ProcessParts) => Promise<Part>,
): Promise<void> {
  try {
    const config = loadConfig()
    needSettings(config, typeof needs === 'function' ? needs(config) : needs)
    const logger = createLogger(config.logLevel).child({ process: name })
    const parts = await openParts(config, logger, name)
    const part = await start(parts)
    const health = await answerForHealth(parts, part)
    logger.info('running')
    await Promise.race([signalled(), part.running ?? new Promise(() => undefined)])
    logger.info('stopping')
    await part.stop()
    await health?.stop()
    await parts.temporal.close()
    await parts.store.close()
  } catch (error) {
    const message =
      error instanceof ConfigError ? error.message : `${name} cannot run: ${(error as Error).message}`
    process.stderr.write(`${message}\n`)
    process.exitCode = 1
  }
  // Native threads of the Temporal core may hold the process; everything of ours is closed by now.
  process.exit()
}

async function openParts(config: Config, logger: Logger, name: string): Promise<ProcessParts> {
  installRuntime(
    logger,
    config.metricsPort === undefined ? undefined : `${config.host}:${config.metricsPort}`,
  )
  const store = await openStore({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    say: (line) => logger.info(line),
  })
  const temporal = await connectTemporal()
  await ensureSearchAttributes(temporal.connection, temporal.namespace)
  const build = prebuilt()
  return {
    config,
    logger,
    store,
    temporal,
    build,
    owner: `${name}-${hostname()}-${process.pid}-${Date.now()}`,
  }
}

async function answerForHealth({ config, store, temporal }: ProcessParts, part: Part) {
  if (config.healthPort === undefined) return undefined
  return startHealth(config.host, config.healthPort, {
    database: () => store.ping(),
    temporal: () => temporal.ping(),
    work: async () => {
      if (part.ready?.() === false) throw new Error('it does not take work')
    },
  })
}

const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
