import { z } from 'zod'
import { purposes } from './topics'

const money = z.number().nonnegative()
const id = z.string().min(1).max(255)
/** Left out: inbound, a customer who calls us. */
const direction = z.enum(['inbound', 'outbound'])
const device = z.looseObject({ token: z.string(), type: z.string() })

/**
 * The events that journeys know, by the name their sender gives them, with the properties they rely on.
 * Names and fields follow Segment's published specs where there is one. Other properties may come along.
 */
export const schemas = {
  'Trial Started': z.looseObject({ plan: z.string().optional() }),
  'Project Created': z.looseObject({ project_id: id.optional(), name: z.string().optional() }),
  'Teammate Invited': z.looseObject({ email_domain: z.string().optional() }),
  'Subscription Started': z.looseObject({ plan: z.string(), price: money.optional() }),
  'Subscription Renewed': z.looseObject({ plan: z.string().optional() }),
  'Subscription Cancelled': z.looseObject({ reason: z.string().optional() }),
  'Cancellation Considered': z.looseObject({
    reason: z.string().optional(),
    tenure_months: z.number().nonnegative().optional(),
  }),
  'Account Closed': z.looseObject({}),
  'Support Searched': z.looseObject({
    query: z.string().optional(),
    results: z.number().int().nonnegative(),
  }),
  'Feature Used': z.looseObject({ feature: z.string() }),
  'Payment Failed': z.looseObject({ invoice_id: id.optional(), amount: money.optional() }),
  'Payment Recovered': z.looseObject({ invoice_id: id.optional() }),
  'Cart Updated': z.looseObject({
    cart_id: id,
    total: money,
    currency: z.string().optional(),
    items: z.number().int().optional(),
  }),
  'Cart Emptied': z.looseObject({ cart_id: id }),
  'Order Completed': z.looseObject({
    order_id: id,
    cart_id: id.optional(),
    total: money,
    currency: z.string().optional(),
  }),
  'Order Delivered': z.looseObject({ order_id: id }),
  'Order Cancelled': z.looseObject({ order_id: id }),
  'Product Reviewed': z.looseObject({ order_id: id.optional(), rating: z.number().min(1).max(5) }),
  'Referral Made': z.looseObject({ code: z.string().optional() }),
  /** Asked for the course by mail. */
  'Course Started': z.looseObject({}),
  /** `date`: ISO 8601, a date or an instant. */
  'Appointment Booked': z.looseObject({ appointment_id: id, date: z.string() }),
  'Appointment Confirmed': z.looseObject({ appointment_id: id }),
  'Appointment Cancelled': z.looseObject({ appointment_id: id }),
  'Help Requested': z.looseObject({ topic: z.string().optional() }),
  'Service Disrupted': z.looseObject({
    incident_id: id,
    service: z.string().optional(),
    expected_end: z.string().optional(),
  }),
  'Service Restored': z.looseObject({ incident_id: id }),
  'Call Started': z.looseObject({
    call_id: id,
    direction: direction.optional(),
    topic: z.string().optional(),
  }),
  'Call Ended': z.looseObject({
    call_id: id,
    direction: direction.optional(),
    resolved: z.boolean().optional(),
    seconds: z.number().nonnegative().optional(),
  }),
  'Chat Started': z.looseObject({ chat_id: id, topic: z.string().optional() }),
  'Chat Ended': z.looseObject({ chat_id: id, resolved: z.boolean().optional() }),
  'Shop Visited': z.looseObject({ shop_id: id, topic: z.string().optional() }),
  'Device Created or Updated': z.looseObject({ device }),
  'Device Deleted': z.looseObject({ device }),
  'Newsletter Requested': z.looseObject({ topic: z.enum(purposes) }),
  'Consent Confirmed': z.looseObject({ topic: z.enum(purposes), channel: z.string() }),
} satisfies Record<string, z.ZodType>

export type Schemas = typeof schemas

/** What each event's properties are, as a journey sees them: the declared fields only. */
export type Payloads = { [Name in keyof Schemas]: Declared<z.infer<Schemas[Name]>> }

type Declared<Shape> = { [Field in keyof Shape as string extends Field ? never : Field]: Shape[Field] }
