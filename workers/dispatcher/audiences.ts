import type { Channels } from '../../channels'
import type { Logger } from '../../logger'
import type { Leaving, Store } from '../../store/store'
import { fromTimeToTime } from './from-time-to-time'
import { forEach } from './side-by-side'

const EVERY_MS = 1_000
const A_ROUND = 100
const AT_ONCE = 10
/** A dispatcher that died is stood in for after so long. */
const LEASE_MS = 120_000
const SOONEST_MS = 5_000
const LATEST_MS = 60 * 60_000

interface AudienceDeps {
  readonly store: Pick<Store, 'audiences'>
  readonly channels: Pick<Channels, 'carriers'>
  readonly logger: Logger
}

/** Takes customers who withdrew their consent, or were deleted, out of the ad audiences they were put into. */
export const startLeaving = (deps: AudienceDeps): { stop(): Promise<void> } =>
  fromTimeToTime({
    everyMs: EVERY_MS,
    work: async () =>
      forEach(await deps.store.audiences.leaving(A_ROUND, LEASE_MS), AT_ONCE, (member) =>
        leave(deps, member),
      ),
    putOff: 'taking customers out of ad audiences put off',
    logger: deps.logger,
  })

/** Until the endpoint has taken it: who may not be there is not forgotten for the sake of an endpoint that is away or wrong. */
async function leave(deps: AudienceDeps, member: Leaving): Promise<void> {
  const { store, logger } = deps
  const because = await refusal(deps, member)
  if (because === undefined) return store.audiences.gone(member)
  const { endpoint, audience } = member
  logger.warn({ endpoint, audience, because }, 'a customer could not be taken out of an ad audience')
  await store.audiences.leaveLater(member, Math.min(SOONEST_MS * 2 ** (member.attempts - 1), LATEST_MS))
}

async function refusal({ channels }: AudienceDeps, member: Leaving): Promise<string | undefined> {
  const { ref, endpoint, audience, member: hashed } = member
  try {
    const [carrier] = channels.carriers('audience', member.provider.split(':').at(-1))
    const outgoing = {
      touchpointId: ref,
      ref,
      address: '',
      endpoint: `${endpoint}/remove`,
      content: { audience: { id: audience, hashed } },
      category: 'transactional',
    } as const
    const answer = await carrier!.provider.send(outgoing, 'patient')
    return answer.is === 'accepted' ? undefined : answer.because
  } catch (error) {
    return (error as Error).message
  }
}
