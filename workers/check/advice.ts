import type { JourneyGraph, StepNode } from '../../sdk'
import type { Graphs } from './judge'

const instant = "Date.parse('…')"

/** What to do about code that throws. */
export const mend =
  'Mend what throws, and rehearse the way to it; who comes there waits for a build that does not throw.'

/** What to do about an edit that breaks those inside. */
export function adviceOn({ old, new: now }: Graphs): string[] {
  if (!now)
    return ['Keep exporting the journey until nobody is in it any more: take away its enrollOn first.']
  const added = old ? onlyIn(now, old) : []
  const gone = old ? onlyIn(old, now) : []
  return [
    ...added.map(
      ({ step }) =>
        `Let those who have passed it do without '${step}': if (journey.revision('${step}-added')) before it.`,
    ),
    ...gone.map(
      ({ step }) =>
        `Keep '${step}' for those who have come to it: if (!journey.revision('${step}-removed')) before it.`,
    ),
    `While workers of the old build still run beside the new, let an instant after the release decide in place of a revision: if (journey.now() >= ${instant}).`,
    'Or put the new way into a stage of its own, and let those inside end the old one, or move them: npx sojourn move.',
    'Or pin those inside to the old build until their stage ends: WORKER_VERSIONING and npx sojourn rollout.',
  ]
}

const onlyIn = (one: JourneyGraph, other: JourneyGraph): StepNode[] =>
  one.nodes.filter(
    (node): node is StepNode => node.kind === 'step' && !other.nodes.some(({ id }) => id === node.id),
  )
