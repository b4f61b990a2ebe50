import { ChannelUnavailable, type Channels } from '../../channels'
import { askingOf, obstacleTo } from '../../sdk/contact'
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
  const askings = asked.arms.flatMap((arm) => {
    const asking = askingAbout(channels, id, asked, arm)
    return asking ? [{ arm: arm.arm, asking }] : []
  })
  if (askings.length === 0) return asked
  const facts = await store.touchpoints.facts({ ...asked, id })
  // An address is known only now that the profile was read.
  const addressed = askings.map((each) => ({ ...each, address: suppressibleAddress(each.asking, facts) }))
  const addresses = new Set(addressed.flatMap(({ address }) => address ?? []))
  const suppressed = await store.suppressions.reasonsOf([...addresses])
  const obstacles = new Map(
    addressed.map(({ arm, asking, address = '' }) => {
      const suppressedBecause = suppressed.get(address) ?? []
      return [arm, obstacleTo(asking, { ...facts, suppressedBecause })]
    }),
  )
  return without(asked, ({ arm }) => obstacles.get(arm))
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
