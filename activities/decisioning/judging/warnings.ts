import { effectiveSize, weight, type Logged } from './estimators'
import { mean, valueOf } from './ratio'

const FEW = 100
const FEW_REWARDED = 50
const LOUD = 0.05

/** What keeps the log from saying what the policy would have brought, in plain words. */
export function warningsOn(log: readonly Logged[]): string[] {
  if (log.length === 0) return ['There is no decision to judge by.']
  return warnings.flatMap((warn) => warn(log) ?? [])
}

const warnings: readonly ((log: readonly Logged[]) => string | undefined)[] = [
  function tooSmall(log) {
    const size = effectiveSize(log)
    if (size >= FEW) return undefined
    return `The log tells as much as ${round(size)} decisions made by this policy itself would; fewer than ${FEW} say little.`
  },

  function tooFewRewarded(log) {
    const bearing = log.filter((each) => each.reward !== 0 && weight(each) > 0).length
    if (bearing >= FEW_REWARDED) return undefined
    return `Only ${bearing} rewarded decisions bear on this policy: the arithmetic is right, but it proves nothing.`
  },

  function unvaried(log) {
    const [first] = log
    if (!log.every(({ reward }) => reward === first!.reward)) return undefined
    return `Every reward is ${round(first!.reward)}: the intervals know no other, and say nothing of how sure that is.`
  },

  function loud(log) {
    const sum = log.reduce((total, each) => total + weight(each), 0)
    const greatest = log.reduce((most, each) => Math.max(most, weight(each)), 0)
    if (greatest <= LOUD * sum || log.length < FEW) return undefined
    return `A single decision makes up ${round((100 * greatest) / sum)} % of the estimate: its chance in the log was tiny.`
  },

  function uncovered(log) {
    const average = valueOf(mean(weight), log)
    const variance = valueOf(
      mean((each: Logged) => (weight(each) - average) ** 2),
      log,
    )
    const deviation = Math.sqrt(variance / log.length)
    if (Math.abs(average - 1) <= 4 * deviation) return undefined
    return `The weights average ${round(average)} instead of 1: this policy chooses arms that the log hardly ever tried, or could not.`
  },
]

const round = (value: number): number => Math.round(value * 100) / 100
