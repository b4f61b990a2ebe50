import type { JourneyGraph, StepNode } from '../../sdk'
import type { Graphs } from './judge'

const instant = "Date.parse('…')"

/** What to do about an edit that breaks those inside. */
export function adviceOn({ old, new: now }: Graphs): string[] {
  if (!now)
    return ['Keep exporting the journey until nobody is in it any more: take away its enrollOn first.']
  const added = old ? onlyIn(now, old) : []
  const gone = old ? onlyIn(old, now) : []
  return [
    ...added.map(
      ({ step }) =>
        `Let '${step}' count from an instant after the release: if (journey.now() >= ${instant}) before it.`,
    ),
    ...gone.map(
      ({ step }) =>
        `Keep '${step}' for those who came to it before the release: if (journey.now() < ${instant}) before it.`,
    ),
    'Or put the new way into a stage of its own, and let those inside end the old one.',
    'Or, once no worker of the old build runs, part old and new with patched(…) of @temporalio/workflow.',
    'Or keep workers of the old build for those inside (Worker Versioning pins them), and start new ones on the new build.',
  ]
}

const onlyIn = (one: JourneyGraph, other: JourneyGraph): StepNode[] =>
  one.nodes.filter(
    (node): node is StepNode => node.kind === 'step' && !other.nodes.some(({ id }) => id === node.id),
  )
