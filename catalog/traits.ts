import { z } from 'zod'

/** What journeys and messages may know of a customer. Other traits are kept, and not shown to journeys' types. */
export const traits = z.object({
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  phone: z.string(),
  /** Of the customer, or of a channel shared with them. */
  slackId: z.string(),
  /** IANA name. */
  timezone: z.string(),
  locale: z.string(),
  plan: z.string(),
  /** ISO 8601 date or instant of the next renewal. */
  renewsAt: z.string(),
  lifecycle: z.enum(['trial', 'customer', 'at-risk', 'advocate', 'lost']),
})

export type Traits = z.infer<typeof traits>
