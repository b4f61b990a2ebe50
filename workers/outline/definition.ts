import { type AnyEvent, type Definition, type EventUse, type JourneyOutline, listOf } from '../../sdk'

type Defined = Pick<
  JourneyOutline,
  | 'enrollOn'
  | 'key'
  | 'reentry'
  | 'goal'
  | 'exitOn'
  | 'holdout'
  | 'category'
  | 'topic'
  | 'priority'
  | 'accounts'
  | 'timeZone'
>

/** A definition as plain data, with its defaults. */
export const outlineOfDefinition = (definition: Definition): Defined => ({
  enrollOn: usesOf(definition.enrollOn),
  key: definition.key,
  reentry: definition.reentry ?? 'once',
  goal: definition.goal && { on: usesOf(definition.goal.on), within: definition.goal.within },
  exitOn: usesOf(definition.exitOn),
  holdout: definition.holdout ?? 0,
  category: definition.category ?? 'marketing',
  topic: definition.topic,
  priority: definition.priority ?? 1,
  accounts: definition.accounts,
  timeZone: definition.timeZone,
})

/** The events that end an enrollment. */
export const endingEvents = ({ goal, exitOn }: Definition): readonly AnyEvent[] => [
  ...listOf(goal?.on),
  ...listOf(exitOn),
]

const usesOf = (events: AnyEvent | readonly AnyEvent[] | undefined): EventUse[] =>
  listOf(events).map(({ name, conditions }) => ({ name, conditions: { ...conditions } }))
