import { assembleDispatcher } from './assembly'
import { retentionIn } from './dispatcher/upkeep'
import { runProcess } from './process'

// The dispatcher: hands accepted events to enrollments. Several may run.
void runProcess('dispatcher', ['DATABASE_URL'], ({ config, store, build, logger, temporal, owner }) =>
  assembleDispatcher({
    store,
    build,
    logger,
    owner,
    namespace: temporal.namespace,
    taskQueue: config.taskQueue,
    client: temporal.client,
    defaultTimeZone: config.defaultTimeZone,
    customerIdKey: config.customerIdKey,
    retention: retentionIn(config),
  }),
)
