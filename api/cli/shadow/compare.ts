import { durationMs } from '../../../sdk'
import type { Outcome } from '../../../sdk'
import type { Relived } from '../../../sdk/testing'
import type { Live, LiveTouchpoint, OnFile } from './record'

/** What the version in the shadow would have done otherwise with one customer. */
export interface Compared {
  /** A line each: `-` what the version that runs did, `+` what the other would have done. */
  readonly differences: readonly string[]
  /** How many were sent, by step. */
  readonly live: Readonly<Record<string, number>>
  readonly shadow: Readonly<Record<string, number>>
  /** How many there were of the version that runs. */
  readonly enrollments: number
  /** Everybody has left, so that nothing more will differ. */
  readonly isOver: boolean
  /** Whether the version that runs, lived again in the same way, does what it did; undefined when that was not asked. */
  readonly isSure?: boolean
}

/** A live enrollment acts a little later than one in virtual time; what happened within it may still be under way. */
const GRACE_MS = durationMs('15 minutes')

export function compared({ live, now }: OnFile, relived: Relived): Compared {
  const settled = now - GRACE_MS
  const inside = [...live.enrollments.map(({ outcome }) => outcome), ...relived.outcomes].some(
    (outcome) => !outcome,
  )
  return {
    differences: [
      ...touchpointsApart(live, relived, settled),
      ...decisionsApart(live, relived),
      ...outcomesApart(live, relived, settled),
    ],
    live: sentBy(live.touchpoints),
    shadow: sentBy(relived.touchpoints),
    enrollments: live.enrollments.length,
    isOver: !inside && live.enrollments.every(({ endedAt }) => endedAt !== null && endedAt < settled),
  }
}

function touchpointsApart(live: Live, relived: Relived, settled: number): string[] {
  const [ours, theirs] = [byStep(live.touchpoints), byStep(relived.touchpoints)]
  const names = [...new Set([...ours.keys(), ...theirs.keys()])]
  const lines = names.flatMap((name) => {
    const [one, two] = [ours.get(name), theirs.get(name)]
    if (isAlike(one, two) || (one ?? two)!.at > settled) return []
    return [
      ...(one ? [{ at: one.at, text: `- ${inWords(one)}` }] : []),
      ...(two ? [{ at: two.at, text: `+ ${inWords(two)}` }] : []),
    ]
  })
  return lines.sort((one, other) => one.at - other.at).map(({ text }) => text)
}

/** The how-manieth of its step. */
function byStep(touchpoints: readonly LiveTouchpoint[]): Map<string, LiveTouchpoint> {
  const times = new Map<string, number>()
  return new Map(
    touchpoints.map((each) => {
      const time = (times.get(each.step) ?? 0) + 1
      times.set(each.step, time)
      return [`${each.step} ${time}`, each]
    }),
  )
}

const isAlike = (one: LiveTouchpoint | undefined, two: LiveTouchpoint | undefined): boolean =>
  !!one && !!two && standing(one) === standing(two) && Math.abs(one.at - two.at) <= GRACE_MS

/** Whatever keeps it from going out: it has not yet. */
const standing = ({ status, because }: LiveTouchpoint): string =>
  /^(proposed|held|sending|retrying)$/.test(status)
    ? 'not yet'
    : `${status} ${status === 'withheld' ? because : ''}`

const inWords = ({ at, step, channel, status, because }: LiveTouchpoint): string =>
  `${new Date(at).toISOString().slice(0, 16)}Z ${step} by ${channel} ${status}${because ? ` (${because})` : ''}`

/** Arms are the customer's own wherever both decide: so the versions part where an arm or a decision is missing. */
function decisionsApart({ decided }: Live, relived: Relived): string[] {
  const words = (each: { readonly step: string; readonly arm: string }): string =>
    `${each.step} decided: ${each.arm}`
  const [ours, theirs] = [decided.map(words), relived.decided.map(words)]
  return [
    ...without(ours, theirs).map((line) => `- ${line}`),
    ...without(theirs, ours).map((line) => `+ ${line}`),
  ]
}

function outcomesApart({ enrollments }: Live, { outcomes }: Relived, settled: number): string[] {
  const ours = enrollments.map(({ outcome }) => outcomeWords(outcome))
  const theirs = outcomes.map(outcomeWords)
  const isFresh = enrollments.some(({ endedAt }) => endedAt !== null && endedAt > settled)
  if (isFresh) return []
  return [
    ...without(ours, theirs).map((line) => `- ${line}`),
    ...without(theirs, ours).map((line) => `+ ${line}`),
  ]
}

const outcomeWords = (outcome: Outcome | null): string =>
  outcome ? `ended: ${Object.values(outcome).filter(Boolean).join(', ')}` : 'still inside'

/** Those of the one list that the other has fewer of. */
function without(lines: readonly string[], other: readonly string[]): string[] {
  const left = [...other]
  return lines.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function sentBy(touchpoints: readonly LiveTouchpoint[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { step, status } of touchpoints) if (status === 'sent') counts[step] = (counts[step] ?? 0) + 1
  return counts
}
