import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import { durationMs, type Duration } from '../../sdk/time'
import type { CustomerRow } from '../../store/store'
import type { Api } from '../deps'
import { customerIdText, pageQuery } from '../fields'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import {
  customer,
  device,
  enrollment,
  instant,
  pageOf,
  toCustomer,
  toDevice,
  toEnrollment,
  toTouchpoint,
  touchpoint,
} from '../shapes'
import { timeline, timelineEntry } from '../timeline'

const params = z.object({ id: customerIdText })
const query = z.strictObject(pageQuery)

const move = z.union(
  [
    z.strictObject({
      by: z
        .string()
        .refine(isDuration, { error: "must be a duration such as '30 days'" })
        .meta({ pattern: '^[1-9]\\d{0,3} (second|minute|hour|day|week)s?$' }),
    }),
    z.strictObject({ to: z.literal('next') }),
  ],
  { error: 'must be { "by": "30 days" } or { "to": "next" }' },
)

export const customerRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/customers',
    role: 'read',
    tag: 'Customers',
    summary: 'Customers, newest first',
    query,
    answers: { 200: { description: 'Customers', schema: pageOf(customer) } },
    handle: async ({ query }, api) => ok(await pageFrom(api.store.customers.list(query), toCustomer)),
  }),
  route({
    method: 'get',
    path: '/v1/customers/{id}',
    role: 'read',
    tag: 'Customers',
    summary: 'A customer: traits, groups, clock, devices and running enrollments',
    params,
    answers: {
      200: {
        description: 'The customer',
        schema: z
          .object({ ...customer.shape, devices: z.array(device), enrollments: z.array(enrollment) })
          .meta({ id: 'CustomerDetail' }),
      },
    },
    problems: ['not-found'],
    async handle({ params }, api) {
      const row = await customerOf(params.id, api)
      const live = await api.store.enrollments.live(row.id)
      const devices = await api.store.devices.ofCustomer(row.id)
      return ok({
        ...toCustomer(row),
        devices: devices.map(toDevice),
        enrollments: live.map((each) => toEnrollment(each)),
      })
    },
  }),
  route({
    method: 'get',
    path: '/v1/customers/{id}/timeline',
    role: 'read',
    tag: 'Customers',
    summary: 'What happened with a customer, newest first',
    params,
    query,
    answers: {
      200: {
        description: 'Events, touchpoints, enrollments and operations by time',
        schema: pageOf(timelineEntry),
      },
    },
    problems: ['not-found'],
    handle: async ({ params, query }, api) =>
      ok(await timeline(api.store, (await customerOf(params.id, api)).id, query)),
  }),
  route({
    method: 'get',
    path: '/v1/customers/{id}/touchpoints',
    role: 'read',
    tag: 'Customers',
    summary: 'Attempts to reach a customer, newest first, each with why',
    params,
    query,
    answers: { 200: { description: 'Touchpoints', schema: pageOf(touchpoint) } },
    problems: ['not-found'],
    async handle({ params, query }, api) {
      const { id } = await customerOf(params.id, api)
      return ok(await pageFrom(api.store.touchpoints.ofCustomer(id, query), toTouchpoint))
    },
  }),
  route({
    method: 'post',
    path: '/v1/customers/{id}/fast-forward',
    role: 'operate',
    tag: 'Customers',
    summary: 'Move a customer’s clock, with all their running enrollments',
    description: 'Development only. Answers when the clock has arrived, with what happened meanwhile.',
    params,
    body: move,
    answers: {
      200: {
        description: 'The clock has arrived',
        schema: z.object({ now: instant, movedMs: z.number(), happened: z.array(z.looseObject({})) }),
      },
    },
    problems: ['moved-time-refused', 'not-found', 'not-acceptable-now', 'temporal-unavailable'],
    async handle({ params, body }, api) {
      if (!api.fastForward) throw new Problem('moved-time-refused', 'This server does not move clocks.')
      return ok(await api.fastForward((await customerOf(params.id, api)).id, body))
    },
  }),
]

/** The customer an id belongs to, after aliases. Throws the problem `not-found`. */
export async function customerOf(id: string, { store }: Pick<Api, 'store'>): Promise<CustomerRow> {
  const row = await store.customers.get(id)
  if (!row) throw new Problem('not-found', `There is no customer "${id}".`)
  return row
}

function isDuration(text: string): boolean {
  try {
    return durationMs(text as Duration) > 0
  } catch {
    return false
  }
}
