import { meets } from '../../sdk/condition'
import { listOf } from '../../sdk/definition'
import type { AnyEvent, EventFact } from '../../sdk/event'
import type { Labels } from '../../sdk/journey'
import { Bounded } from './bounded'
import type { HeardEvent } from '../../sdk/enrollment'

const EVENTS_KEPT = 200
// A repeat comes within minutes, from a retrying sender or dispatcher; 1,000 ids outlast any burst of repeats.
const IDS_KEPT = 1_000

// A payload may have 2 MB; a character takes three bytes at most in UTF-8, or six when JSON escapes it.
const CHARACTERS_CARRIED = 250_000

/** The events an enrollment has heard, in order of arrival, each once. */
export class Inbox {
  private readonly events: Bounded<HeardEvent>
  private readonly seen: Bounded<string>
  private sequence: number

  constructor(carried?: { inbox: readonly HeardEvent[]; seen: readonly string[]; sequence: number }) {
    this.events = new Bounded(EVENTS_KEPT, carried?.inbox)
    this.seen = new Bounded(IDS_KEPT, carried?.seen)
    this.sequence = carried?.sequence ?? 0
  }

  /** False when this messageId was heard before. */
  accept(event: EventFact): boolean {
    if (this.seen.has(event.messageId)) return false
    this.seen.add(event.messageId)
    this.sequence += 1
    this.events.add({ sequence: this.sequence, event })
    return true
  }

  /** The position after the newest event. */
  get latest(): number {
    return this.sequence
  }

  /** The first event after a position that one of the labels expects. */
  firstMatch(expected: Labels, after: number, key?: KeyOf): Match | undefined {
    for (const heard of this.events.all()) {
      if (heard.sequence <= after) continue
      const label = Object.keys(expected).find((name) => matchesAny(expected[name]!, heard.event, key))
      if (label !== undefined) return { label, ...heard }
    }
    return undefined
  }

  carry(): { inbox: readonly HeardEvent[]; seen: readonly string[]; sequence: number } {
    return {
      inbox: newestWithin(CHARACTERS_CARRIED, this.events.all()),
      seen: this.seen.all(),
      sequence: this.sequence,
    }
  }
}

export interface Match extends HeardEvent {
  readonly label: string
}

function newestWithin(most: number, events: readonly HeardEvent[]): readonly HeardEvent[] {
  let left = most
  const dropped = events.findLastIndex((heard) => (left -= JSON.stringify(heard).length) < 0)
  return events.slice(dropped + 1)
}

/** In a keyed journey: the property that holds the key, and the enrollment's value of it. */
export interface KeyOf {
  readonly property: string
  readonly value: string | undefined
}

export const matchesAny = (refs: AnyEvent | readonly AnyEvent[], event: EventFact, key?: KeyOf): boolean =>
  listOf(refs).some(
    (ref) => ref.name === event.name && meets(event.properties, ref.conditions) && hasKey(ref, event, key),
  )

function hasKey(ref: AnyEvent, event: EventFact, key: KeyOf | undefined): boolean {
  if (!key || ref.ofAnyKey || !Object.hasOwn(event.properties, key.property)) return true
  return String(event.properties[key.property]) === key.value
}
