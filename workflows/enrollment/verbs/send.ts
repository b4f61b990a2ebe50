import type { Sending } from '../../../sdk/journey'
import type { Message } from '../../../sdk/message'
import type { Delivery } from '../../../sdk/outcome'
import { deliverAt } from '../delivering'
import type { Enrollment } from '../enrollment'

/** Sends one message, once. */
export const send =
  (enrollment: Enrollment) =>
  (step: string, message: Message, sending: Sending = {}): Promise<Delivery> =>
    deliverAt(enrollment, step, { ...sending, message })
