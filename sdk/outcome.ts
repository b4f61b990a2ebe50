/** How an attempt to reach a customer ended, or stands. */
export type Delivery =
  | { readonly is: 'sent'; readonly touchpoint: string; readonly at: string }
  | { readonly is: 'withheld'; readonly touchpoint: string; readonly because: WithheldBecause }
  | { readonly is: 'failed'; readonly touchpoint: string; readonly because: string }
  | { readonly is: 'unknown'; readonly touchpoint: string; readonly because: string }

/**
 * Why a touchpoint was not sent. unsubscribed: the customer said no. no-consent: a yes is needed and was not said. The last
 * four held it until it was not worth sending any more: the night, too many others, others worth more, an operator's stop.
 */
export type WithheldBecause =
  | 'no-customer'
  | 'no-address'
  | 'suppressed'
  | 'holdout'
  | 'unsubscribed'
  | 'no-consent'
  | 'withdrawn'
  | 'quiet-hours'
  | 'frequency-cap'
  | 'outbid'
  | 'stopped'

/** How an enrollment ended. */
export type Outcome =
  | { readonly is: 'converted'; readonly event: string }
  | { readonly is: 'completed'; readonly because?: string }
  | { readonly is: 'exited'; readonly because: string }
  | { readonly is: 'held out'; readonly converted: boolean }
  | { readonly is: 'failed'; readonly because: string }

/** What a journey's body or last stage may return; nothing means completed. */
export type Ending = Extract<Outcome, { is: 'completed' | 'exited' }>

export const completed = (because?: string): Ending => ({ is: 'completed', because })
export const exited = (because: string): Ending => ({ is: 'exited', because })
