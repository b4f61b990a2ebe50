import type { Asker, Outgoing, Provider } from '../channel'
import type { TaskTerms } from '../../sdk'

/** A call to be made, as it goes into the queue. */
export interface CallToMake extends TaskTerms, Asker {
  /** The touchpoint's: the same for every attempt. */
  readonly id: string
  readonly script: string
}

export interface AgentSettings {
  /** Puts the call into the queue once; withdrawn: whoever asked for it has ended. */
  readonly open: (call: CallToMake) => Promise<'open' | 'withdrawn'>
}

/** Who calls, and at which number. */
export const calls = {
  name: 'agents',
  channel: 'voice',
  address: ({ traits: { phone } }) => (typeof phone === 'string' && phone.trim() ? phone : undefined),
} satisfies Pick<Provider, 'name' | 'channel' | 'address'>

/** People as a provider: what is sent is a task in the queue of agents, who call the customer's `phone` trait. */
export const agents = ({ open }: AgentSettings): Provider => ({
  ...calls,
  idempotent: true,
  async send({ touchpointId: id, ref, task, content }: Outgoing) {
    if (!task) return { is: 'refused', because: 'a call is asked for by journey.task alone' }
    try {
      const opened = await open({ ...task, id, script: content.text ?? '' })
      return opened === 'open'
        ? { is: 'accepted', providerMessageId: ref }
        : { is: 'refused', because: 'whoever asked for the call has ended' }
    } catch (error) {
      return { is: 'busy', because: `the queue could not be reached (${(error as Error).name})` }
    }
  },
})
