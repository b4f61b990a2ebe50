import { z } from 'zod'
import type { Api } from '../deps'
import type { Gauge } from '../metrics'
import { ok, route, type Route } from '../route'

const part = z.object({ ok: z.boolean() })

const readiness = z
  .object({
    events: z.enum(['ready', 'waiting for the database']),
    enrollment: z.enum(['ready', 'waiting for Temporal', 'waiting for the database']),
    parts: z.object({ database: part, temporal: part }),
  })
  .meta({ id: 'Readiness' })

/** What those ask who run the process. */
export const serviceRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/healthz',
    role: 'open',
    tag: 'Service',
    summary: 'Whether the process lives',
    answers: { 200: { description: 'It does', schema: z.object({ status: z.literal('alive') }) } },
    handle: () => ok({ status: 'alive' as const }),
  }),
  route({
    method: 'get',
    path: '/readyz',
    role: 'open',
    tag: 'Service',
    summary: 'Whether events can be accepted, and enrollments begin',
    answers: {
      200: { description: 'Events are accepted; see `enrollment` for the rest', schema: readiness },
      503: {
        description: 'The database is away: nothing can be accepted',
        type: 'application/json',
        schema: readiness,
      },
    },
    handle: (_, api) => ready(api),
  }),
  route({
    method: 'get',
    path: '/metrics',
    role: 'console',
    tag: 'Service',
    summary: 'Figures of this process, and the backlog of events, for Prometheus',
    answers: { 200: { description: 'Prometheus text', type: 'text/plain' } },
    handle: async (_, api) => ok(api.metrics.text([...(await backlog(api)), ...(await waitingTasks(api))])),
  }),
]

async function backlog({ store }: Api): Promise<Gauge[]> {
  const { pending, setAside, oldestMs } = await store.events.backlog()
  const ahead = await store.partitions.ahead()
  const ready = 'ready for the times to come; at 0 a dispatcher is overdue'
  return [
    { name: 'sojourn_events_pending', help: 'Events accepted and not yet handled', value: pending },
    { name: 'sojourn_events_set_aside', help: 'Events set aside', value: setAside },
    {
      name: 'sojourn_events_oldest_seconds',
      help: 'Age of the oldest pending event',
      value: oldestMs / 1000,
    },
    { name: 'sojourn_event_partitions_ahead', help: `Partitions of events ${ready}`, value: ahead.events },
    {
      name: 'sojourn_touchpoint_partitions_ahead',
      help: `Partitions of touchpoints ${ready}`,
      value: ahead.touchpoints,
    },
    {
      name: 'sojourn_decision_partitions_ahead',
      help: `Partitions of decisions ${ready}`,
      value: ahead.decisions,
    },
  ]
}

/** Without those of enrollments that are paused. */
async function waitingTasks({ store }: Api): Promise<Gauge[]> {
  const queues = await store.tasks.queues()
  return [
    {
      name: 'sojourn_tasks_waiting',
      help: 'Tasks that nobody has claimed, or somebody has and not closed, by queue',
      value: queues.flatMap(({ queue, open, claimed }) => [
        { labels: { queue, status: 'open' }, value: open },
        { labels: { queue, status: 'claimed' }, value: claimed },
      ]),
    },
    {
      name: 'sojourn_tasks_oldest_open_seconds',
      help: 'Age of the oldest task that nobody has claimed, by queue',
      value: queues.map(({ queue, oldestOpenMs }) => ({ labels: { queue }, value: oldestOpenMs / 1000 })),
    },
  ]
}

async function ready({ store, temporal }: Api) {
  const [database, engine] = await Promise.all([answers(store.ping()), answers(temporal.ping())])
  const parts = { database: { ok: database }, temporal: { ok: engine } }
  const away = 'waiting for the database' as const
  if (!database) return { status: 503 as const, body: { events: away, enrollment: away, parts } }
  return ok({
    events: 'ready' as const,
    enrollment: engine ? ('ready' as const) : ('waiting for Temporal' as const),
    parts,
  })
}

const answers = (ping: Promise<void>): Promise<boolean> =>
  ping.then(
    () => true,
    () => false,
  )
