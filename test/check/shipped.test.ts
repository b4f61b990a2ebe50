import type { temporal } from '@temporalio/proto'
import { createLogger } from '../../logger'
import { fateOf } from '../../workers/check'
import { recorded, type Recorded } from '../../workers/check/commands'
import { type Fate, placeOf } from '../../workers/check/judge'
import { replayed } from '../../workers/check/replaying'
import { installRuntime } from '../../workers/runtime'
import { names, read } from '../replay/replaying'
import { shippedOutline } from '../support/outlines'
import { changedBuild } from './changed'
import { type Shipped, shipped } from './shipped-edits'

// What `check` says of edits of the shipped journeys, for a customer at every place of every recorded life. The first rounds
// are always run; `npm run edits` runs all.

type Event = temporal.api.history.v1.IHistoryEvent
type Named = readonly [name: string, edited: Shipped]

const ALWAYS = 1
const rounds = roundsOf(Object.entries(shipped)).slice(0, process.env.ALL_EDITS ? undefined : ALWAYS)

beforeAll(() => void installRuntime(createLogger('silent')))

describe.each(rounds.map((round, index) => [index + 1, round] as const))('round %d', (_, round) => {
  let build: Awaited<ReturnType<typeof changedBuild>>
  beforeAll(async () => {
    build = await changedBuild(round.map(([, { edit }]) => edit))
  })

  test.each(round)('%s', async (_, { journey, breaks, unknown = [] }) => {
    const parked = parkedIn(journey)
    const graphs = { old: shippedOutline(journey).graph, new: build.manifest.journeys[journey]?.graph }
    const found: Record<Fate['is'], string[]> = { safe: [], breaks: [], unknown: [] }
    async function* all() {
      for (const [id, past] of parked) yield { id, past }
    }
    for await (const one of replayed(build.workflowBundle, all())) found[fateOf(one, graphs).is].push(one.id)
    expect(found.breaks.sort()).toEqual(breaks === 'all' ? [...parked.keys()].sort() : [...breaks].sort())
    expect(found.unknown.sort()).toEqual([...unknown].sort())
  })
})

/** Each round one edit of each journey, so that they share a build. */
function roundsOf(edits: readonly Named[]): Named[][] {
  const found: Named[][] = []
  for (const one of edits) {
    const free = found.find((round) => round.every(([, { journey }]) => journey !== one[1].journey))
    if (free) free.push(one)
    else found.push([one])
  }
  return found
}

/** Every recorded life of a journey, as of each moment at which it stood still: `<history> <place>`. */
function parkedIn(journey: string): Map<string, Recorded> {
  const parked = new Map<string, Recorded>()
  for (const name of names.filter((each) => each.split('-')[0] === journey)) {
    const events = read(name).events!
    for (const [index] of events.entries()) {
      if (!isFromOutside(events[index + 1])) continue
      const past = recorded({ events: events.slice(0, index + 1) })
      if (!past.inMotion && !past.isOver)
        parked.set(`${name.replace(`${journey}-`, '')} ${placeOf(past)}`, past)
    }
  }
  return parked
}

const isFromOutside = (event: Event | undefined): boolean =>
  !!(
    event?.timerFiredEventAttributes ??
    event?.workflowExecutionSignaledEventAttributes ??
    event?.activityTaskStartedEventAttributes
  )
