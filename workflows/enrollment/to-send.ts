import { carriedBy } from '../../sdk/definition'
import type { Sending } from '../../sdk/journey'
import type { Message } from '../../sdk/message'
import type { ToSend } from '../../sdk/touchpoint'
import type { Enrollment } from './enrollment'

/** A message with what its journey's definition says of all that it sends. */
export const toSend = (
  { definition, input }: Enrollment,
  message: Message,
  { within, ...worth }: Sending = {},
): ToSend => ({
  category: message.category ?? definition.category ?? 'marketing',
  topic: message.topic ?? definition.topic,
  message: carriedBy(definition, message),
  zones: { journey: definition.timeZone, deployment: input.defaultTimeZone },
  worth: { value: definition.priority, ...worth },
  within,
})
