import type { JourneyGraph, StepNode } from '../../sdk'
import type { Made, Recorded } from './commands'

/** How one enrollment would fare with the new code. */
export type Fate =
  | { readonly is: 'safe' }
  | { readonly is: 'breaks'; readonly because: string; readonly throws?: true }
  | { readonly is: 'unknown'; readonly because: string; readonly throws?: true }

/** What is known of a journey before and after; undefined where the build that runs has no graph. */
export interface Graphs {
  readonly old: JourneyGraph | undefined
  readonly new: JourneyGraph | undefined
}

const safe: Fate = { is: 'safe' }
const breaks = (because: string): Fate => ({ is: 'breaks', because })

/**
 * Compares what a history holds with what the new code made of it. That they replay is not enough: Temporal compares the kinds
 * of commands, so that the timer of a step that is gone would be taken for that of the next one.
 */
export function judge(past: Recorded, again: readonly Made[], graphs: Graphs): Fate {
  const byId = new Map(again.map((each) => [each.id, each]))
  const lost = past.made.find(({ id }) => !byId.has(id))
  if (lost) return breaks(`${named(lost)} is no longer made`)
  const known = new Set(past.made.map(({ id }) => id))
  const more = again.find(({ id }) => !known.has(id))
  if (more && !past.inMotion)
    return breaks(`${named(more)} would come at once, where the history has nothing`)
  return other(past, byId, graphs)
}

/** What stands at the same place under another name: renamed, in another order, or taken for something it is not. */
function other({ made, open }: Recorded, byId: ReadonlyMap<string, Made>, graphs: Graphs): Fate {
  const pairs = made.map((one) => ({ one, two: byId.get(one.id)!, isOpen: open.has(one.id) }))
  const differ = pairs.filter(({ one, two }) => one.kind !== 'shown' && one.step !== two.step)
  const shown = pairs.filter(({ one }) => one.kind === 'shown').at(-1)
  const standing =
    shown && open.size === 0 && shown.one.step !== shown.two.step ? [{ ...shown, isOpen: true }] : []
  const strange = [...differ, ...standing].filter(({ one, two }) => !isRenamed(one, two, graphs))
  if (strange.length === 0) return safe
  if (!graphs.old)
    return { is: 'unknown', because: 'the build that runs has no graph to tell a new name from another step' }
  const taken = strange.find(({ isOpen }) => isOpen)
  if (taken) return breaks(`its wait at '${taken.one.step}' would be taken for '${taken.two.step}'`)
  return isSameSet(strange) ? safe : breaks(takenFor(strange[0]!))
}

const takenFor = ({ one, two }: { one: Made; two: Made }): string =>
  `what was done at '${one.step}' would be taken for '${two.step}', which was not`

/** Whether the same things were done, in another order. */
function isSameSet(pairs: readonly { one: Made; two: Made }[]): boolean {
  const sorted = (each: readonly Made[]): string =>
    each
      .map(({ verb, step }) => `${verb} ${step}`)
      .sort()
      .join('\n')
  return sorted(pairs.map(({ one }) => one)) === sorted(pairs.map(({ two }) => two))
}

/** The old name is gone, the new one was not there, and they have the verb and something of what they are given in common. */
function isRenamed(one: Made, two: Made, graphs: Graphs): boolean {
  const [before, after] = [stepIn(graphs.old, one.step), stepIn(graphs.new, two.step)]
  if (!before || !after || stepIn(graphs.new, one.step) || stepIn(graphs.old, two.step)) return false
  return before.verb === after.verb && (isGivenAlike(before, after) || isInPlaceOf(before, after, graphs))
}

const isGivenAlike = (before: StepNode, after: StepNode): boolean =>
  Object.keys(before.given).length === 0 ||
  Object.entries(before.given).some(([name, text]) => after.given[name] === text)

/** It stands between the same steps. */
function isInPlaceOf(before: StepNode, after: StepNode, graphs: Graphs): boolean {
  const around = (graph: JourneyGraph | undefined, { id }: StepNode): string =>
    (graph?.edges ?? [])
      .flatMap(({ from, to }) => (from === id ? [`to ${to}`] : to === id ? [`from ${from}`] : []))
      .sort()
      .join('\n')
  return before.stage === after.stage && around(graphs.old, before) === around(graphs.new, after)
}

const stepIn = (graph: JourneyGraph | undefined, step: string): StepNode | undefined =>
  graph?.nodes.find((node): node is StepNode => node.kind === 'step' && node.step === step)

const named = ({ verb, step }: Made): string => (step === '' ? verb : `'${step}' (${verb})`)

/** Where it stands: what it waits for, else what it did last. */
export function placeOf({ made, open }: Recorded): string {
  const waits = made.filter(({ id }) => open.has(id)).map(({ step }) => step)
  if (waits.length > 0) return [...new Set(waits)].join(' and ')
  return (
    made.findLast(({ kind, step }) => kind === 'shown' && step !== '')?.step ??
    made.at(-1)?.step ??
    'its beginning'
  )
}
