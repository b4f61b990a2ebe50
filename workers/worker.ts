import { createChannels } from '../channels'
import { signedLinks } from '../channels/links'
import { channelSettings } from '../channels/accounts'
import type { Config } from '../config'
import { assembleWorker } from './assembly'
import { runProcess } from './process'

// The journey worker: runs journeys and their activities. Several may run.
void runProcess('worker', needs, async (parts) => {
  const { config, store, build, logger, temporal } = parts
  const { smtpUrl, webhookEndpoints: endpoints, webhookAllowPrivate: allowPrivate } = config
  const channels = createChannels({
    ...channelSettings(config, { smtpUrl, endpoints, allowPrivate }),
    inbox: store.inbox,
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

function needs({ emailProvider }: Config) {
  const always = ['DATABASE_URL', 'SECRET_KEYS', 'PUBLIC_URL'] as const
  return emailProvider === 'smtp' ? [...always, 'SMTP_URL' as const] : always
}
