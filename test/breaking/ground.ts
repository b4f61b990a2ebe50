import path from 'node:path'
import { lastingPorts } from '../../workers/servers/ports'
import { type RunningPostgres, startPostgres } from '../../workers/servers/postgres'
import { startTemporal } from '../../workers/servers/temporal'
import { startTemporalOnPostgres } from '../support/temporal-on-postgres'
import { Restartable, supervised, type Target } from './targets'

/** Servers of the storm's own, which may be killed. */
export interface Ground {
  readonly servers: readonly Target[]
  readonly databaseUrl: string
  readonly temporalAddress: string
  stop(): Promise<void>
}

/** Where a Temporal server is started. */
interface Plot {
  readonly dataDir: string
  readonly port: number
  readonly postgres: RunningPostgres
  readonly say: (line: string) => void
}

const temporals = {
  /** With its database in a file. */
  async sqlite({ dataDir, port, say }: Plot): Promise<Target> {
    const { TEMPORAL_CLI_PATH: cliPath, PATH: searchPath } = process.env
    const server = await startTemporal({ dataDir, port, withUi: false, cliPath, searchPath, say })
    return supervised('temporal', port, server)
  },
  /** As in production, on the same Postgres as ours. */
  postgres: (plot: Plot): Promise<Target> =>
    Restartable.open('temporal', () => startTemporalOnPostgres(plot)),
}

export type TemporalKind = keyof typeof temporals
export const temporalKinds = Object.keys(temporals) as TemporalKind[]

/** A Postgres and a Temporal server. */
export async function startGround(
  folder: string,
  kind: TemporalKind,
  say: (line: string) => void,
): Promise<Ground> {
  const [postgresPort, port] = (await lastingPorts(2)) as [number, number]
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), port: postgresPort, say })
  const stops = [() => postgres.stop()]
  try {
    const temporal = await temporals[kind]({ dataDir: path.join(folder, 'temporal'), port, postgres, say })
    stops.unshift(() => temporal.stop())
    return {
      servers: [supervised('postgres', postgresPort, postgres), temporal],
      databaseUrl: await postgres.createDatabase('sojourn'),
      temporalAddress: `127.0.0.1:${port}`,
      stop: () => inTurn(stops),
    }
  } catch (error) {
    await inTurn(stops)
    throw error
  }
}

async function inTurn(stops: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of stops) await stop()
}
