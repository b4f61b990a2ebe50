import { createModels } from '../activities/models'
import { modelSettingsOf } from '../activities/models/settings'
import { createSources } from '../activities/sources'
import { createChannels } from '../channels'
import { signedLinks } from '../channels/links'
import { channelSettings } from '../channels/accounts'
import type { Config } from '../config'
import { agentQueue } from './agent-queue'
import { assembleWorker } from './assembly'
import { runProcess } from './process'
import { needVersioning } from './versioning'

// The journey worker: runs journeys and their activities. Several may run.
void runProcess('worker', needs, async (parts) => {
  const { config, store, build, logger, temporal } = parts
  if (config.workerVersioning) await needVersioning(temporal, config.taskQueue)
  const { smtpUrl, webhookEndpoints: endpoints, webhookAllowPrivate: allowPrivate } = config
  const providers = channelSettings(config, { smtpUrl, endpoints, allowPrivate })
  const channels = createChannels({ ...providers, agents: agentQueue(store), inbox: store.inbox })
  const sources = createSources(config.sourceDatabases)
  const models = createModels(modelSettingsOf(config, sources))
  const worker = await assembleWorker({
    store,
    build,
    logger,
    namespace: temporal.namespace,
    taskQueue: config.taskQueue,
    versioned: config.workerVersioning,
    connection: temporal.native,
    channels,
    models,
    sources,
    links: signedLinks(config.secretKeys ?? [], config.publicUrl),
  })
  if (config.workerVersioning)
    logger.info({ build: build.manifest.build }, 'takes enrollments once its build is rolled out')
  return {
    running: worker.running,
    ready: worker.ready,
    stop: async () => {
      await worker.stop()
      await Promise.all([channels, models, sources].map((each) => each.close()))
    },
  }
})

function needs({ emailProvider }: Config) {
  const always = ['DATABASE_URL', 'SECRET_KEYS', 'PUBLIC_URL'] as const
  return emailProvider === 'smtp' ? [...always, 'SMTP_URL' as const] : always
}
