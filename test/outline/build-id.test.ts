import { outlineJourneys } from '../../workers/outline'
import { withBody, workflowsOf } from './workflows-of'

const index = `export * from './journeys/gym'`
const buildOf = (files: Record<string, string>) => outlineJourneys(workflowsOf(files, index)).build
const gym = withBody(`\n  await journey.sleep('a', '1 day')\n`)
const engine = '../enrollment/engine'

test('a build has the same short id for the same journeys, whatever the line ends', () => {
  expect(buildOf({ gym })).toMatch(/^[0-9a-f]{12}$/)
  expect(buildOf({ gym: gym.replaceAll('\n', '\r\n') })).toBe(buildOf({ gym }))
})

test('a build has another id when the source of a journey or of the engine changes', () => {
  const engines = ['export const pace = 1', 'export const pace = 2'].map((text) =>
    buildOf({ gym, [engine]: text }),
  )
  expect(new Set([buildOf({ gym }), buildOf({ gym: `${gym}\n// slower` }), ...engines]).size).toBe(4)
})
