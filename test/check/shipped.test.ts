import { schemas } from '../../catalog/schemas'
import { createLogger } from '../../logger'
import { fates } from '../../workers/check'
import type { Fate } from '../../workers/check/judge'
import { samplesOf } from '../../workers/check/onward/samples'
import { replayed } from '../../workers/check/replaying'
import { installRuntime } from '../../workers/runtime'
import { shippedOutline } from '../support/outlines'
import { changedBuild } from './changed'
import { parkedIn } from './parked'
import { type Shipped, shipped } from './shipped-edits'

// What `check` says of edits of the shipped journeys, for a customer at every place of every recorded life. The first rounds
// are always run; `npm run edits` runs all.

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
    const deployed = new Map([[journey, shippedOutline(journey).graph]])
    const fateOf = fates({ build, deployed, samples: samplesOf(schemas) })
    const found: Record<Fate['is'], string[]> = { safe: [], breaks: [], unknown: [] }
    async function* histories() {
      for (const [id, past] of parked) yield { id, past }
    }
    for await (const one of replayed(build.workflowBundle, histories()))
      found[(await fateOf(journey, one)).is].push(one.id)
    const all = [...parked.keys()]
    expect(found.breaks.sort()).toEqual((breaks === 'all' ? all : [...breaks]).sort())
    expect(found.unknown.sort()).toEqual((unknown === 'all' ? all : [...unknown]).sort())
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
