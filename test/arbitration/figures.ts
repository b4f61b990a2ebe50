import { median, rounded } from '../bench/figures'
import type { Fate } from './simulation'
import { journeys } from './world'

export interface JourneyFigures {
  readonly journey: string
  readonly wishes: number
  /** The share of its wishes that went out. */
  readonly went: number
  /** Of those, in hours. */
  readonly medianWait: number
}

export const valueOf = (fates: readonly Fate[]): number =>
  fates.reduce((sum, { wish, sentAt }) => sum + (sentAt === undefined ? 0 : wish.propensity * wish.value), 0)

export const sentOf = (fates: readonly Fate[]): Fate[] => fates.filter(({ sentAt }) => sentAt !== undefined)

export const byJourney = (fates: readonly Fate[]): JourneyFigures[] =>
  journeys.map(({ name }) => {
    const own = fates.filter(({ wish }) => wish.journey === name)
    const waits = sentOf(own).map(({ wish, sentAt }) => (sentAt! - wish.at) / 3_600_000)
    return {
      journey: name,
      wishes: own.length,
      went: rounded(waits.length / own.length),
      medianWait: rounded(median(waits), 1),
    }
  })
