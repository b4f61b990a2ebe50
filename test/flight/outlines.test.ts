import type { Store } from '../../store/store'
import { Outlines } from '../../workers/dispatcher/outlines'
import { manifest, outline } from '../api/support'

// Which builds a dispatcher asks about an enrollment: its stage may have begun on any that came since.

const builds = ['first', 'second', 'third']
const manifestOf = (build: string) => ({
  build,
  journeys: { trialOnboarding: outline('trialOnboarding', { listensTo: [build] }) },
})
const store = {
  builds: {
    get: async (build: string) => (builds.includes(build) ? manifestOf(build) : undefined),
    since: async (build: string) => builds.slice(builds.indexOf(build)),
  },
} as unknown as Store

const heard = async (build: string, versioned: boolean): Promise<string[]> => {
  const outlines = new Outlines({ store, manifest: manifestOf('third'), versioned })
  const found = await outlines.of({ build, journey: 'trialOnboarding' })
  return found.flatMap(({ listensTo }) => listensTo).sort()
}

test('the one it began on and ours, and where builds are pinned all between', async () => {
  expect(await heard('first', false)).toEqual(['first', 'third'])
  expect(await heard('first', true)).toEqual(['first', 'second', 'third'])
  expect(await heard('second', true)).toEqual(['second', 'third'])
  expect(await heard('third', true)).toEqual(['third'])
})

test('a journey that a build does not have is left out', async () => {
  const outlines = new Outlines({ store, manifest, versioned: true })
  expect(await outlines.of({ build: 'third', journey: 'winBack' })).toEqual([manifest.journeys['winBack']])
})
