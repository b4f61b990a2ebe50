import { ChannelUnavailable, type Channels } from '../channels'
import type { Manifest } from '../sdk'

/** A sentence for each channel that journeys send by and that cannot be used: what to set. */
export function unusableChannels({ journeys }: Manifest, channels: Pick<Channels, 'carriers'>): string[] {
  const messages = Object.values(journeys).flatMap(({ steps }) =>
    steps.flatMap(({ messages = [] }) => messages),
  )
  const ownCarrier = messages.filter(({ account }) => account === undefined)
  const used = [...new Set(ownCarrier.map(({ channel }) => channel))].sort()
  return used.flatMap((channel) => sentenceFor(channel, channels) ?? [])
}

function sentenceFor(channel: string, channels: Pick<Channels, 'carriers'>): string | undefined {
  try {
    channels.carriers(channel)
    return undefined
  } catch (error) {
    if (error instanceof ChannelUnavailable) return error.message
    throw error
  }
}
