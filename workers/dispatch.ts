import { createChannels, taskWebhook } from '../channels'
import { audienceChannelSettings } from '../channels/accounts'
import type { Config } from '../config'
import { assembleDispatcher } from './assembly'
import { retentionIn } from './dispatcher/upkeep'
import { runProcess } from './process'

const webhookOf = ({
  tasksWebhook,
  webhookEndpoints: endpoints,
  webhookAllowPrivate: allowPrivate,
}: Config) =>
  tasksWebhook === undefined ? undefined : taskWebhook(tasksWebhook, { endpoints, allowPrivate })

// The dispatcher: hands accepted events to enrollments. Several may run.
void runProcess('dispatcher', ['DATABASE_URL'], ({ config, store, build, logger, temporal, owner }) =>
  assembleDispatcher({
    store,
    build,
    logger,
    owner,
    namespace: temporal.namespace,
    taskQueue: config.taskQueue,
    versioned: config.workerVersioning,
    client: temporal.client,
    defaultTimeZone: config.defaultTimeZone,
    customerIdKey: config.customerIdKey,
    taskWebhook: webhookOf(config),
    audiences: createChannels(audienceChannelSettings(config, config.webhookAllowPrivate)),
    retention: retentionIn(config),
  }),
)
