import { Client, Connection, type ConnectionOptions } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { NativeConnection } from '@temporalio/worker'

export interface TemporalConnections {
  readonly connection: Connection
  readonly client: Client
  /** For workers. */
  readonly native: NativeConnection
  readonly namespace: string
  /** Rejects when the server does not answer within 2 s. */
  ping(): Promise<void>
  close(): Promise<void>
}

const PING_MS = 2_000

/** How TEMPORAL_* say to connect: address, TLS, API key. */
export const configuredConnection = (): ConnectionOptions =>
  loadClientConnectConfig().connectionOptions as ConnectionOptions

/** Connects as TEMPORAL_* and Temporal's own configuration file say; `given` goes over them. */
export async function connectTemporal(
  given: { address?: string; namespace?: string } = {},
): Promise<TemporalConnections> {
  const { connectionOptions, namespace: configured } = loadClientConnectConfig()
  const options = {
    ...connectionOptions,
    ...(given.address ? { address: given.address } : {}),
  } as ConnectionOptions
  const namespace = given.namespace ?? configured ?? 'default'
  const connection = await Connection.connect({ connectTimeout: '15s', ...options })
  const native = await NativeConnection.connect(options as Parameters<typeof NativeConnection.connect>[0])
  return {
    connection,
    client: new Client({ connection, namespace }),
    native,
    namespace,
    ping: async () => {
      await connection.withDeadline(Date.now() + PING_MS, () => connection.workflowService.getSystemInfo({}))
    },
    close: async () => {
      await connection.close()
      await native.close()
    },
  }
}
