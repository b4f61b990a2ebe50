import { Client, Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { createReceiptSources, signedByEndpoint } from '../channels'
import { allReceiptSettings } from '../channels/accounts'
import { ConfigError, loadConfig, needSettings, type Config } from '../config'
import { createLogger, type Logger } from '../logger'
import { customerRef } from '../sdk/customer-ref'
import { deploymentName } from '../sdk/worker-deployment'
import { openStore } from '../store'
import { fastForwarder } from './fast-forward'
import { startApi } from './listen'
import { rolloutGateway } from './rollout-gateway'
import { startMailListener } from './mail'
import { createMetrics } from './metrics'
import { temporalGateway } from './temporal-gateway'

// The API as a process of its own, for production: `node dist/api/server.js`.

/** Runs until SIGTERM or SIGINT; then it answers what it has begun, and closes. */
async function serve(config: Config, logger: Logger): Promise<void> {
  const store = await openStore({ url: config.databaseUrl, say: (line) => logger.warn(line) })
  const { connectionOptions, namespace } = loadClientConnectConfig()
  // Lazy: events are accepted while Temporal is away.
  const connection = Connection.lazy(connectionOptions)
  const client = new Client({ connection, namespace })
  const metrics = createMetrics()
  const mail = await startMailListener({ config, store, metrics, logger })
  const api = await startApi(
    {
      store,
      metrics,
      temporal: temporalGateway(client),
      rollout: config.workerVersioning ? rolloutGateway(client, deploymentName(config.taskQueue)) : undefined,
      receiptSources: createReceiptSources(allReceiptSettings(config)),
      taskOrders: config.tasksWebhook
        ? signedByEndpoint(config.tasksWebhook, { endpoints: config.webhookEndpoints })
        : undefined,
      manifest: () => store.builds.current(),
      keys: config.apiKeys,
      open: config.open,
      secrets: config.secretKeys!,
      publicUrl: config.publicUrl,
      limitsApproval: config.limitsApproval,
      defaultTimeZone: config.defaultTimeZone,
      customerRef: customerRef(config.customerIdKey),
      fastForward: config.fastForward ? fastForwarder(client, store) : undefined,
      logger,
    },
    config.host,
    config.port,
  )
  logger.info({ url: api.url }, 'The API listens')
  logger.info({ signal: await stopSignal() }, 'The API stops')
  await Promise.all([api.stop(), mail?.stop()])
  await connection.close()
  await store.close()
}

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve)
  })

async function main(): Promise<void> {
  const config = loadConfig()
  needSettings(config, ['DATABASE_URL', 'API_KEYS', 'SECRET_KEYS', 'PUBLIC_URL'])
  await serve(config, createLogger(config.logLevel))
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error)
    process.exitCode = 1
  })
}
