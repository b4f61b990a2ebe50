import { ChannelUnavailable, type Channels } from '../../channels'
import { askingOf, obstacleTo, type ContactFacts, type Obstacle } from '../../sdk/contact'
import { without, type DecisionToMake, type ProposedArm } from '../../sdk/deciding'
import type { Store } from '../../store/store'
import { suppressibleAddress, type Asking } from './rules'

export interface ContactDeps {
  readonly store: Store
  readonly channels: Channels
}

/** What is to be decided without the arms whose messages the contact rules would not let out in time. */
export async function withoutWithheld(
  { store, channels }: ContactDeps,
  id: string,
  asked: DecisionToMake,
): Promise<DecisionToMake> {
  const question = { ...asked, id }
  const facts = onceEach((address) => store.touchpoints.facts(question, address))
  const obstacles = new Map<string, Obstacle | undefined>()
  for (const arm of asked.arms) {
    const asking = askingAbout(channels, id, asked, arm)
    if (asking) obstacles.set(arm.arm, obstacleTo(asking, await factsOn(asking, facts)))
  }
  return without(asked, ({ arm }) => obstacles.get(arm))
}

type Facts = (address?: string) => Promise<ContactFacts>

/** The address is known only after the profile was read; whether it is suppressed is asked then. */
async function factsOn(asking: Asking, facts: Facts): Promise<ContactFacts> {
  const seen = await facts()
  const address = suppressibleAddress(asking, seen)
  return address === undefined ? seen : facts(address)
}

function onceEach(read: Facts): Facts {
  const known = new Map<string | undefined, Promise<ContactFacts>>()
  return (address) => {
    const facts = known.get(address) ?? read(address)
    known.set(address, facts)
    return facts
  }
}

/** Undefined for an arm that sends nothing, or by a channel that nobody configured: that is ours to mend, and no rule's. */
function askingAbout(
  channels: Channels,
  id: string,
  { journey, step, at }: DecisionToMake,
  { sends }: ProposedArm,
): Asking | undefined {
  if (!sends) return undefined
  try {
    const [carrier] = channels.carriers(sends.message.channel, sends.message.account)
    return askingOf(id, { ...sends, journey, step, at }, carrier!.provider)
  } catch (error) {
    if (error instanceof ChannelUnavailable) return undefined
    throw error
  }
}
