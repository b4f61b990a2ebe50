import type { Outgoing } from '../channels'
import type { Store } from '../store/store'
import type { Addressed } from './composing'
import { insistently } from './settling'

interface Deps {
  readonly store: Store
}

/** Kept before anybody is asked to put the customer in: whatever becomes of it, a withdrawal takes them out of there. */
export async function keepJoining(
  { store }: Deps,
  { touchpoint, carriers }: Addressed,
  outgoing: Outgoing,
): Promise<void> {
  const { customerId, topic } = touchpoint
  for (const { provider } of carriers) {
    const membership = provider.membership?.(outgoing)
    if (membership?.is !== 'joins') continue
    const { endpoint, audience, member } = membership
    await store.audiences.join(customerId, { provider: provider.name, endpoint, audience, member }, topic)
  }
}

/** The one that was asked has taken them out. */
export async function keepLeaving(
  { store }: Deps,
  { touchpoint, provider }: Addressed,
  outgoing: Outgoing,
): Promise<void> {
  const membership = provider.membership?.(outgoing)
  if (membership?.is !== 'leaves') return
  const { endpoint, audience, member } = membership
  const left = { provider: provider.name, endpoint, audience, member }
  await insistently(() => store.audiences.left(touchpoint.customerId, left))
}
