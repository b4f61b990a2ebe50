import type { JourneyOutline, Manifest } from '../../sdk'
import { MessageError, type VariableUse } from './engine'
import type { MessageTemplate } from './formats'
import type { Library } from './library'

/** What texts may know: the names of the traits, and of each event's properties. */
export interface MessageNouns {
  readonly traits: readonly string[]
  readonly events: Readonly<Record<string, readonly string[]>>
  /** What customers may choose to hear about. */
  readonly topics: readonly string[]
}

const ROOTS = ['customer', 'trigger', 'data', 'links', 'journey']
const LINKS = ['unsubscribe', 'preferences', 'confirm']

/** Sentences for everything about messages that would fail or surprise at the first send. Empty when all is well. */
export function check(library: Library, manifest: Manifest, nouns: MessageNouns): string[] {
  const files = library.all().flatMap(({ template, fault }) => {
    if (fault) return [fault.message]
    return template ? template.variables.flatMap((use) => unknownTo(nouns, use)) : []
  })
  const sends = Object.values(manifest.journeys).flatMap((journey) => sendsOf(library, journey, nouns))
  return [...new Set([...files, ...sends])]
}

function unknownTo(nouns: MessageNouns, { path: [root = '', member], where }: VariableUse): string[] {
  if (!ROOTS.includes(root)) return [`${where}: there is no variable ${root}; there are ${ROOTS.join(', ')}`]
  if (member === undefined) return []
  if (root === 'customer' && ![...nouns.traits, 'id'].includes(member))
    return [`${where}: customers have no trait ${member}`]
  if (root === 'links' && !LINKS.includes(member)) return [`${where}: there is no link ${member}`]
  return []
}

function sendsOf(library: Library, journey: JourneyOutline, nouns: MessageNouns): string[] {
  const properties = triggerProperties(journey, nouns)
  const sends = journey.steps.flatMap(({ id, messages = [] }) =>
    messages.flatMap(({ channel, template, topic }) => {
      const step = `the step ${id} of ${journey.name}`
      const strange = strangeTopic(topic, step, nouns)
      const found = sought(() => library.find(channel, template))
      if (found instanceof MessageError)
        return [...strange, `${step} sends what cannot be sent: ${found.message}`]
      return [...strange, ...(properties ? triggersUnknown(found, properties, step) : [])]
    }),
  )
  return [...strangeTopic(journey.topic, `the journey ${journey.name}`, nouns), ...sends]
}

const strangeTopic = (topic: string | undefined, where: string, { topics }: MessageNouns): string[] =>
  topic === undefined || topics.includes(topic)
    ? []
    : [
        `${where} is about the topic ${topic}, which catalog/topics does not have; it has ${topics.join(', ')}`,
      ]

function triggersUnknown(
  { variables }: MessageTemplate,
  properties: readonly string[],
  step: string,
): string[] {
  const strange = variables.filter(
    ({ path: [root, member] }) => root === 'trigger' && member && !properties.includes(member),
  )
  return strange.map(
    ({ path, where }) => `${where}: no event that enrolls has ${path.join('.')}, and ${step} sends this`,
  )
}

/** All properties an enrolling event may have; undefined when that is not known: others may hand anything over. */
function triggerProperties(
  { enrollOn }: JourneyOutline,
  { events }: MessageNouns,
): readonly string[] | undefined {
  const known = enrollOn.map(({ name }) => (Object.hasOwn(events, name) ? events[name] : undefined))
  return known.length > 0 && known.every((names) => names !== undefined) ? known.flat() : undefined
}

function sought(find: () => MessageTemplate): MessageTemplate | MessageError {
  try {
    return find()
  } catch (error) {
    if (error instanceof MessageError) return error
    throw error
  }
}
