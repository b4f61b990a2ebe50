import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import { authorOf } from '../author'
import type { Api } from '../deps'
import { enrollmentId, pageQuery, word } from '../fields'
import type { BuildState, RolloutGateway } from '../rollout-gateway'
import { ok, route, type Route } from '../route'
import { pageOf } from '../shapes'
import { author } from './operations'

const states: readonly BuildState[] = ['inactive', 'ramping', 'current', 'draining', 'drained']

const rollout = z
  .object({
    current: z
      .string()
      .nullable()
      .describe('New stages begin on it; null: on workers that are not versioned'),
    ramping: z.object({ build: z.string(), percent: z.number() }).nullable(),
    builds: z.array(
      z.object({
        build: z.string(),
        state: z.enum(states),
        running: z.int().describe('Enrollments whose stage is pinned to it'),
        steps: z.array(z.object({ journey: z.string(), step: z.string(), running: z.int() })),
      }),
    ),
  })
  .meta({ id: 'Rollout' })

const pinned = z.object({ id: z.string(), journey: z.string(), step: z.string().nullable() })

const percent = z
  .number({ error: 'must be a number' })
  .refine((value) => value >= 0 && value <= 100, { error: 'must be from 0 to 100' })
  .meta({ minimum: 0, maximum: 100 })

/** Builds side by side, where workers are versioned. */
export const rolloutRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/rollout',
    role: 'read',
    tag: 'Rollout',
    summary: 'The builds that workers have, and who is on each, by step',
    answers: { 200: { description: 'The rollout', schema: rollout } },
    problems: ['not-versioned', 'temporal-unavailable'],
    handle: async (_, api) => ok(await rolloutOf(api)),
  }),
  route({
    method: 'post',
    path: '/v1/rollout',
    role: 'operate',
    tag: 'Rollout',
    summary:
      'Let so many of a hundred begin their stages on a build; with 100 it is the current one, with 0 none do',
    body: z.strictObject({ ...author, build: word, percent }),
    answers: { 200: { description: 'The rollout', schema: rollout } },
    problems: ['not-versioned', 'not-acceptable-now', 'temporal-unavailable'],
    async handle(call, api) {
      const { build, percent, reason } = call.body
      const by = authorOf(call)
      await gateway(api).roll(build, percent, by)
      api.logger.info({ build, percent, by, reason }, 'rollout')
      return ok(await rolloutOf(api))
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollout/builds/{build}/enrollments',
    role: 'read',
    tag: 'Rollout',
    summary: 'Enrollments whose stage is pinned to a build',
    params: z.object({ build: word }),
    query: z.strictObject({ journey: word.optional(), ...pageQuery }),
    answers: { 200: { description: 'Enrollments', schema: pageOf(pinned) } },
    problems: ['not-versioned', 'temporal-unavailable'],
    handle: async ({ params: { build }, query: { journey, limit, cursor } }, api) =>
      ok(await gateway(api).list(build, journey, limit, cursor)),
  }),
  route({
    method: 'post',
    path: '/v1/enrollments/{id}/upgrade',
    role: 'operate',
    tag: 'Rollout',
    summary: 'Wake an enrollment so that another build goes on with the stage it is in',
    description: 'Refused, and left on its build, where the other cannot go on with its history.',
    params: z.object({ id: enrollmentId }),
    body: z.strictObject({ ...author, build: word }),
    answers: { 200: { description: 'It is on the build', schema: z.object({ build: z.string() }) } },
    problems: ['not-versioned', 'not-acceptable-now', 'not-found', 'ended', 'temporal-unavailable'],
    async handle(call, api) {
      const { params, body } = call
      const row = await api.store.enrollments.get(params.id)
      if (!row) throw new Problem('not-found', `There is no enrollment "${params.id}".`)
      const upgraded = await gateway(api).upgrade(params.id, body.build)
      if (upgraded.is === 'gone') throw new Problem('ended', 'The enrollment has ended.')
      if (upgraded.is === 'refused') throw new Problem('not-acceptable-now', upgraded.because)
      const { id: enrollmentId, entry } = row
      const by = { by: authorOf(call), reason: body.reason ?? null }
      await api.store.operations.record(randomUUID(), { enrollmentId, entry, action: 'upgrade', ...by })
      return ok({ build: body.build })
    },
  }),
]

function gateway({ rollout }: Api): RolloutGateway {
  if (!rollout) throw new Problem('not-versioned', 'WORKER_VERSIONING is off.')
  return rollout
}

async function rolloutOf(api: Api): Promise<z.output<typeof rollout>> {
  const { builds, ...rolled } = await gateway(api).builds()
  const counted: z.output<typeof rollout>['builds'] = []
  for (const { build, state } of builds) {
    const running = await gateway(api).count(build)
    counted.push({ build, state, running, steps: running > 0 ? await stepsOf(build, api) : [] })
  }
  return { ...rolled, builds: counted }
}

/** One after another: servers let lists be asked for some ten times a second. */
async function stepsOf(build: string, api: Api) {
  const { journeys = {} } = (await api.store.builds.get(build)) ?? {}
  const places = Object.values(journeys).flatMap(({ name, steps }) =>
    steps.map(({ id }) => ({ journey: name, step: id })),
  )
  const found: { journey: string; step: string; running: number }[] = []
  for (const place of places) {
    const running = await gateway(api).count(build, place)
    if (running > 0) found.push({ ...place, running })
  }
  return found
}
