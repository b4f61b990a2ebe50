import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { JourneyOutline, Manifest } from '../../sdk'

/** The manifest of the test run's build. */
export const shippedManifest = (folder = process.env.SOJOURN_TEST_FOLDER!): Manifest =>
  JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Manifest

/** What the source of a shipped journey says, with its graph. */
export function shippedOutline(name: string): JourneyOutline {
  const outline = shippedManifest().journeys[name]
  if (!outline) throw new RangeError(`There is no journey ${name}`)
  return outline
}
