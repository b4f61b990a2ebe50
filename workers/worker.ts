import { createChannels } from '../channels'
import { signedLinks } from '../channels/links'
import { assembleWorker } from './assembly'
import { mailSettings } from './mail'
import { runProcess } from './process'

// The journey worker: runs journeys and their activities. Several may run.
void runProcess('worker', ['DATABASE_URL', 'SMTP_URL', 'SECRET_KEYS', 'PUBLIC_URL'], async (parts) => {
  const { config, store, build, logger, temporal } = parts
  const channels = createChannels({
    smtp: config.smtpUrl ? mailSettings(config, config.smtpUrl) : undefined,
    standardWebhook: { endpoints: config.webhookEndpoints, allowPrivate: config.webhookAllowPrivate },
  })
  const worker = await assembleWorker({
    store,
    build,
    logger,
    namespace: temporal.namespace,
    taskQueue: config.taskQueue,
    connection: temporal.native,
    channels,
    links: signedLinks(config.secretKeys ?? [], config.publicUrl),
  })
  return {
    running: worker.running,
    ready: worker.ready,
    stop: async () => {
      await worker.stop()
      await channels.close()
    },
  }
})
