import type { AnyPolicy } from '../sdk/decision'
import type { Shadow, Shadowed } from '../sdk/shadowed'
import { versionOf, type Drawing, type Drawn } from './drawing'

/** What it may take beside its model: as a rule it has learned already, and computes for a millisecond. */
const MOST_MS = 500

/**
 * What a policy would choose in the place of the one that decides, by the same draw, so that they differ only where their
 * chances do. Never rejects, and takes no longer than its model may and half a second.
 */
export async function shadowed(
  policy: AnyPolicy,
  drawing: Drawing,
  draw: (drawing: Drawing) => Promise<Drawn>,
): Promise<Shadow> {
  const beside = { policy, version: versionOf(policy) }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Shadow>((resolve) => {
    timer = setTimeout(() => resolve({ is: 'failed', ...beside, because: 'too-slow' }), mostMs(policy))
  })
  try {
    const chosen = draw({ ...drawing, policy }).then((drawn): Shadow => ({
      is: 'chose',
      ...beside,
      ...told(drawn),
    }))
    return await Promise.race([chosen, late])
  } catch (error) {
    return { is: 'failed', ...beside, because: 'broken', detail: (error as Error).name }
  } finally {
    clearTimeout(timer)
  }
}

const mostMs = (policy: AnyPolicy): number => MOST_MS + (policy.is === 'model' ? policy.model.timeoutMs : 0)

/** Without what the decision says of the arms already. */
const told = ({ arms, ...drawn }: Drawn): Omit<Shadowed, 'is' | 'policy' | 'version'> => ({
  ...drawn,
  arms: arms.map(({ arm, propensity, score, modelled }) => ({ arm, propensity, score, modelled })),
})
