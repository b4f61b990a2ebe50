import type { Relived, RelivedTouchpoint } from '../../../sdk/testing'

type Counts = Readonly<Record<string, number>>

/** What one version of a journey would have done with all customers. */
export interface Tally {
  readonly enrollments: number
  /** By how they ended; `inside`: not yet. */
  readonly outcomes: Counts
  readonly sent: number
  /** Of those sent, by UTC day. */
  readonly byDay: Counts
  readonly byStep: Counts
  readonly byChannel: Counts
  /** Not sent, by the rule that withheld it and its reason. */
  readonly withheld: Counts
  readonly heldAtEnd: number
}

export function tallyOf(relived: readonly Relived[]): Tally {
  const touchpoints = relived.flatMap((each) => each.touchpoints)
  const outcomes = relived.flatMap((each) => each.outcomes)
  const sent = touchpoints.filter(({ status }) => status === 'sent')
  return {
    enrollments: outcomes.length,
    outcomes: counted(outcomes, (outcome) => outcome?.is ?? 'inside'),
    sent: sent.length,
    byDay: counted(sent, ({ at }) => new Date(at).toISOString().slice(0, 10)),
    byStep: counted(sent, ({ step }) => step),
    byChannel: counted(sent, ({ channel }) => channel),
    withheld: counted(
      touchpoints.filter(({ status }) => status === 'withheld'),
      ruleOf,
    ),
    heldAtEnd: touchpoints.filter(({ status }) => status === 'held').length,
  }
}

/** What was withdrawn was withheld by no rule. */
const ruleOf = ({ because, rule }: RelivedTouchpoint): string =>
  because === 'withdrawn' || rule === undefined ? `${because}` : `${rule}: ${because}`

function counted<Item>(items: readonly Item[], keyOf: (item: Item) => string): Counts {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** A customer whom two versions treat differently: what each alone would have done, a line each. */
export interface Differing {
  readonly customerId: string
  readonly onlyNow: readonly string[]
  readonly onlyBefore: readonly string[]
}

/** Both in the same order of customers. */
export const differencesOf = (now: readonly Relived[], before: readonly Relived[]): Differing[] =>
  now.flatMap((each, index) => {
    const [ours, theirs] = [linesOf(each), linesOf(before[index]!)]
    const onlyNow = ours.filter((line) => !theirs.includes(line))
    const onlyBefore = theirs.filter((line) => !ours.includes(line))
    const { customerId } = each
    return onlyNow.length + onlyBefore.length > 0 ? [{ customerId, onlyNow, onlyBefore }] : []
  })

const linesOf = ({ touchpoints, outcomes }: Relived): string[] => [
  ...touchpoints.map(
    ({ at, step, channel, status, because }) =>
      `${new Date(at).toISOString()} ${step} by ${channel} ${status}${because ? ` (${because})` : ''}`,
  ),
  ...outcomes.map(
    (outcome) => `outcome ${outcome ? Object.values(outcome).filter(Boolean).join(', ') : 'inside'}`,
  ),
]
