import { eventsOf } from '../sdk/event'
import type { Payloads } from './schemas'

// References only: no schema is loaded here, because journeys import this file into their bundle.
const event = eventsOf<Payloads>()

export const trialStarted = event('Trial Started')
export const projectCreated = event('Project Created')
export const teammateInvited = event('Teammate Invited')
export const subscriptionStarted = event('Subscription Started')
export const subscriptionRenewed = event('Subscription Renewed')
export const subscriptionCancelled = event('Subscription Cancelled')
/** The customer looked at how to leave. */
export const cancellationConsidered = event('Cancellation Considered')
export const accountClosed = event('Account Closed')
export const supportSearched = event('Support Searched')
export const featureUsed = event('Feature Used')
export const paymentFailed = event('Payment Failed')
export const paymentRecovered = event('Payment Recovered')
export const cartUpdated = event('Cart Updated')
export const cartEmptied = event('Cart Emptied')
export const orderCompleted = event('Order Completed')
export const orderDelivered = event('Order Delivered')
export const orderCancelled = event('Order Cancelled')
export const productReviewed = event('Product Reviewed')
export const referralMade = event('Referral Made')
/** The app or a browser may show notifications from now on; what it says of the device is kept (docs/guides/devices.md). */
export const deviceSeen = event('Device Created or Updated')
export const deviceGone = event('Device Deleted')
/** The customer asked for the course by mail. */
export const courseStarted = event('Course Started')
export const appointmentBooked = event('Appointment Booked')
export const appointmentConfirmed = event('Appointment Confirmed')
export const appointmentCancelled = event('Appointment Cancelled')
/** Somebody gave an address to hear about a topic, or about all: `marketing`. */
export const newsletterRequested = event('Newsletter Requested')
/** Whoever reads that address said yes. We append it ourselves. */
export const consentConfirmed = event('Consent Confirmed')
export const helpRequested = event('Help Requested')
/** What the customer pays for is down, and works again. */
export const serviceDisrupted = event('Service Disrupted')
export const serviceRestored = event('Service Restored')
/** The customer has us on the phone; the telephone system tells it. */
export const callStarted = event('Call Started')
export const callEnded = event('Call Ended')
export const chatStarted = event('Chat Started')
export const chatEnded = event('Chat Ended')
export const shopVisited = event('Shop Visited')
