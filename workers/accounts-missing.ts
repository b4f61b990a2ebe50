import type { Channels } from '../channels'
import type { JourneyOutline, Manifest } from '../sdk'

/** A sentence for each account that a journey or a message of it names, and that cannot carry what it is named for. */
export const accountsMissing = ({ journeys }: Manifest, channels: Pick<Channels, 'accounts'>): string[] =>
  Object.values(journeys)
    .flatMap((journey) => [...namedByJourney(journey), ...namedByMessages(journey)])
    .flatMap(({ who, channel, account }) =>
      channels.accounts(channel).includes(account)
        ? []
        : [`${who} sends by the account ${account}, which PROVIDER_ACCOUNTS does not have for ${channel}`],
    )

interface Named {
  readonly who: string
  readonly channel: string
  readonly account: string
}

const namedByJourney = ({ name, accounts = {} }: JourneyOutline): Named[] =>
  Object.entries(accounts).map(([channel, account]) => ({ who: `the journey ${name}`, channel, account }))

const namedByMessages = ({ name, steps, accounts = {} }: JourneyOutline): Named[] =>
  steps.flatMap(({ id, messages = [] }) =>
    messages.flatMap(({ channel, account }) =>
      account === undefined || account === accounts[channel]
        ? []
        : [{ who: `the step ${id} of ${name}`, channel, account }],
    ),
  )
