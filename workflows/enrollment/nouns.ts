import type { OwnActivities } from '../../activities/own'
import type { Topic } from '../../catalog/topics'
import type { Traits } from '../../catalog/traits'
import type * as journeys from '../journeys'

/** The adopter's nouns, as journeys see them. */
export interface OurNouns {
  traits: Traits
  topics: Topic
  journeys: keyof typeof journeys
  activities: OwnActivities
}
