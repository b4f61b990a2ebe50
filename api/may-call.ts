import { calls } from '../channels/voice/agents'
import { askRules, type Asking } from '../sdk/contact'
import { suppressionKey } from '../store'
import type { TaskRow } from '../store/store'
import type { Api } from './deps'

/** Of the contact rules those that may have changed their mind since the task was opened; its place it has. */
const asked = new Set(['recipient', 'suppression', 'consent', 'stops', 'quiet hours'])

/** Why the customer may not be called now, in a rule's words; undefined where they may. */
export async function whyNotCall(task: TaskRow, api: Api): Promise<string | undefined> {
  const touchpoint = await api.store.touchpoints.get(task.id)
  if (!touchpoint) return undefined
  const customer = await api.store.customers.get(task.customerId)
  const at = Date.now() + (customer?.clockOffsetMs ?? 0)
  const { traits = {} } = customer ?? {}
  const address = calls.address({ id: task.customerId, traits })
  const key = address === undefined ? undefined : suppressionKey(calls.channel, address)
  const facts = await api.store.touchpoints.facts({ ...touchpointOf(touchpoint), at }, key)
  const { judgment } = askRules(await askingOf(touchpoint, at, api), facts, undefined)
  return judgment.verdicts.find(({ rule, allows }) => !allows && asked.has(rule))?.because
}

type Touchpoint = NonNullable<Awaited<ReturnType<Api['store']['touchpoints']['get']>>>

const touchpointOf = ({ topic, ...row }: Touchpoint) => ({
  ...row,
  topic: topic ?? undefined,
  provider: calls.name,
})

async function askingOf(
  { id, journey, step, category, topic }: Touchpoint,
  at: number,
  api: Api,
): Promise<Asking> {
  const outline = (await api.manifest())?.journeys[journey]
  const zones = { journey: outline?.timeZone, deployment: api.defaultTimeZone ?? 'UTC' }
  return { id, journey, step, category, topic: topic ?? undefined, provider: calls, at, zones, worth: {} }
}
