import type { EventFact } from '../../../sdk/event'
import type { Fate } from '../judge'
import type { Happening, LifeSoFar } from './happenings'

// Of each place in what a life was told, so many values are looked at.
const VALUES = 5

/** Lives that were told the same things, if with other values. */
interface Alike {
  readonly values: Map<string, Set<unknown>>
  readonly fates: Fate[]
}

/** Remembers what became of lives, so that not all have to be lived on: one tells of those like it. */
export class Lives {
  private readonly groups = new Map<string, Alike>()

  /** What becomes of one like this; undefined where it has to be looked at, since a value of it is new. */
  known(journey: string, told: Told): Fate | undefined {
    const group = this.groupOf(journey, told)
    const news = valuesIn(told).filter(([place, value]) => {
      const seen = group.values.get(place) ?? new Set()
      group.values.set(place, seen)
      return seen.size < VALUES && seen.size !== seen.add(value).size
    })
    if (news.length > 0 || group.fates.length === 0) return undefined
    return fateOfOneOf(group.fates)
  }

  remember(journey: string, told: Told, fate: Fate): void {
    this.groupOf(journey, told).fates.push(fate)
  }

  private groupOf(journey: string, told: Told): Alike {
    const shape = `${journey} ${JSON.stringify(shapeOf(told))}`
    const group = this.groups.get(shape) ?? { values: new Map(), fates: [] }
    this.groups.set(shape, group)
    return group
  }
}

/** Theirs where all fare alike; else it can't be told. */
function fateOfOneOf(fates: readonly Fate[]): Fate {
  if (fates.every(({ is }) => is === fates[0]!.is)) return fates[0]!
  const worst = fates.find(({ is }) => is !== 'safe') as Exclude<Fate, { is: 'safe' }>
  return { ...worst, is: 'unknown' }
}

/** What the code was told of a customer: of its values the code may make anything. */
export type Told = readonly unknown[]

export const toldIn = ({ input, happenings }: LifeSoFar, traits: unknown): Told => {
  const { trigger, heldOut, carried } = input
  const { inbox = [], cursor = 0, stage } = carried ?? {}
  const unheard = inbox.flatMap(({ sequence, event }) => (sequence > cursor ? [told(event)] : []))
  return [trigger.properties, { is: stage, heldOut }, traits, unheard, ...happenings.flatMap(wordsOf)]
}

const told = ({ name, properties }: EventFact) => ({ is: name, properties })

function wordsOf(happening: Happening): unknown[] {
  if (happening.is === 'time') return []
  return [happening.is === 'event' ? told(happening.event) : happening]
}

/** Words that the code chooses by are part of the shape. */
const CHOICES = new Set(['is', 'at', 'arm', 'because', 'outcome', 'name'])

function shapeOf(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => shapeOf(each))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each, key)]))
  const isChoice = CHOICES.has(name) && typeof value === 'string' && !/\d/.test(value)
  return isChoice || typeof value === 'boolean' || value === null ? value : typeof value
}

function valuesIn(value: unknown, place = ''): (readonly [place: string, value: unknown])[] {
  if (typeof value !== 'object' || value === null) return [[place, value]]
  return Object.entries(value).flatMap(([name, each]) => valuesIn(each, `${place}.${name}`))
}
