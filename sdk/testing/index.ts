export type { Fate, Touchpoint } from './ledger'
export type { Rehearsable } from './life'
export { StoryDiffers, type Rehearsed } from './playing'
export { atMost, endsWithin, goalOr, nothingAfterTheEnd, type Property } from './properties'
export { rehearsals, type Rehearse, type Setting } from './rehearse'
export { explorations, PropertyViolated, type Explored, type Exploring } from './explore'
export { journeyMatchers } from './jest'
export type { Difference, Line, Seen, SeenEnrollment, SeenTask, SeenTouchpoint, Stage } from './stage'
export {
  relive,
  type OnRecord,
  type Recorded,
  type Relived,
  type RelivedTouchpoint,
  type Reliving,
} from './relive'
export { Story } from './story'
export { coverageInWords, coverageOf, type Coverage, type Lives } from './coverage'
export { remembered, type Mark, type Remembered, type Walk } from './walk'
