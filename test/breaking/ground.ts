import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { lastingPorts } from '../../workers/servers/ports'
import { startPostgres } from '../../workers/servers/postgres'
import { startTemporal } from '../../workers/servers/temporal'
import { supervised, type Target } from './targets'

export const temporals: readonly string[] = ['sqlite', 'postgres']

/** Servers of the storm's own, which may be killed: the last started is stopped first. */
export interface Ground {
  readonly servers: readonly Target[]
  readonly databaseUrl: string
  readonly temporalAddress: string
  stop(): Promise<void>
}

/** A Postgres for ours, and a Temporal with its database in a file or on the same Postgres. */
export async function startGround(
  folder: string,
  temporalKind: string,
  say: (line: string) => void,
): Promise<Ground> {
  void temporalKind
  mkdirSync(folder, { recursive: true })
  const [postgresPort, temporalPort] = (await lastingPorts(2)) as [number, number]
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), port: postgresPort, say })
  const temporal = await startTemporal({
    dataDir: path.join(folder, 'temporal'),
    port: temporalPort,
    withUi: false,
    cliPath: process.env.TEMPORAL_CLI_PATH,
    searchPath: process.env.PATH,
    say,
  })
  const servers = [
    supervised('postgres', postgresPort, postgres),
    supervised('temporal', temporalPort, temporal),
  ]
  return {
    servers,
    databaseUrl: await postgres.createDatabase('sojourn'),
    temporalAddress: temporal.address,
    stop: async () => {
      for (const server of servers.toReversed()) await server.stop()
    },
  }
}
