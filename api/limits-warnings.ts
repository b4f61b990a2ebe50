import { channelNames } from '../channels'
import { firstLimits, type Limits } from '../sdk/contact'
import type { Api } from './deps'
import { outlinesOf } from './routes/journeys'

/** Names in the limits that nothing here bears: perhaps a slip, perhaps what is deployed next. */
export async function warningsOn(limits: Limits, api: Api): Promise<string[]> {
  const journeys = (await outlinesOf(api)).map(({ name }) => name)
  const scopes = [...limits.quietHours, ...limits.caps]
  const namedJourneys = [
    ...scopes.flatMap((scope) => scope.journeys ?? []),
    ...Object.keys(limits.arbitration.levers ?? {}),
  ]
  const namedChannels = [
    ...[...scopes, ...limits.silence].flatMap(({ channels = [] }) => channels),
    ...Object.keys(limits.arbitration.contexts ?? {}),
  ]
  return [...strangers('journey', namedJourneys, journeys), ...strangers('channel', namedChannels, channels)]
}

// Those of the first limits as well: their rules wait for a provider.
const channels = [
  ...new Set([
    ...channelNames,
    ...[...firstLimits.quietHours, ...firstLimits.silence].flatMap((scope) => scope.channels ?? []),
  ]),
]

const strangers = (noun: string, named: readonly string[], known: readonly string[]): string[] =>
  [...new Set(named)]
    .filter((name) => !known.includes(name))
    .map((name) => `There is no ${noun} "${name}" yet; there are ${known.join(', ') || 'none'}.`)
