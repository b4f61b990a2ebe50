import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { DeletionStanding } from '../../store/store'
import type { Api } from '../deps'
import { customerIdText } from '../fields'
import { route, type Reply, type Route } from '../route'
import { instant, iso } from '../shapes'

const underWay = z
  .object({
    orderedAt: instant,
    finishedBy: instant.describe('It is finished soon after, while a dispatcher runs'),
    sending: z
      .number()
      .describe(
        'Messages that were being handed over as it was ordered, and may still arrive; nothing else does',
      ),
  })
  .meta({ id: 'DeletionUnderWay' })

export const deletionRoutes: readonly Route[] = [
  route({
    method: 'delete',
    path: '/v1/customers/{id}',
    role: 'admin',
    tag: 'Customers',
    summary: 'Delete a customer, under all their ids, with their histories in Temporal',
    description:
      'Ends their enrollments, and waits for messages that are just being handed over: after the answer nothing is sent to them. Suppressions stay, and a refusal of marketing becomes one. May be repeated. Events that come later begin a new customer, once the deletion is finished.',
    params: z.object({ id: customerIdText }),
    answers: {
      202: { description: 'It is under way, and will be finished whatever dies', schema: underWay },
      204: { description: 'There is nothing of the customer any more' },
    },
    problems: ['not-found'],
    async handle({ params: { id }, key }, api) {
      await api.store.deletions.order(id, key?.name ?? 'nobody', api.limits.settleMs)
      return answer(id, await settled(id, api))
    },
  }),
]

/** As it stands once nothing is being sent, and the dispatcher had a moment where nothing else has to be waited for. */
async function settled(id: string, { store, limits }: Api): Promise<DeletionStanding> {
  const [soon, last] = [Date.now() + limits.enrollWaitMs, Date.now() + limits.deletionWaitMs]
  for (;;) {
    const standing = await store.deletions.standing(id)
    if (standing.is !== 'under-way' || Date.now() >= last) return standing
    const isSoon = Date.now() < soon && standing.settlesAt < soon
    if (standing.sending === 0 && !isSoon) return standing
    await pause(50)
  }
}

function answer(id: string, standing: DeletionStanding): Reply<202 | 204> {
  switch (standing.is) {
    case 'unknown':
      throw new Problem('not-found', `There is no customer "${id}".`)
    case 'finished':
      return { status: 204, body: undefined }
    case 'under-way': {
      const { at, settlesAt, sending } = standing
      return { status: 202, body: { orderedAt: iso(at), finishedBy: iso(settlesAt), sending } }
    }
  }
}
