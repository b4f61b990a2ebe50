import { explorations, rehearsals } from '../sdk/testing'
import type { OurNouns } from './enrollment/nouns'
import * as journeys from './journeys'

/** Tells a story of a customer in one of our journeys, and plays it in virtual time: see docs/guides/test-a-journey.md. */
export const rehearse = rehearsals<OurNouns>(journeys)

/** Walks the paths through one of our journeys, and checks properties of each. */
export const explore = explorations<OurNouns>(journeys)
