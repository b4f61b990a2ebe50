import type { AgentSettings } from '../channels'
import type { Store } from '../store/store'

/** Agents find their calls in the store. */
export const agentQueue = ({ tasks }: Store): AgentSettings => ({
  open: ({ at: openedAt, escalation = null, ...call }) => tasks.open({ ...call, openedAt, escalation }),
})
