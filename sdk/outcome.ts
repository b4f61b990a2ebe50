/** How an attempt to reach a customer ended, or stands. */
export type Delivery =
  | { readonly is: 'sent'; readonly touchpoint: string; readonly at: string }
  | { readonly is: 'withheld'; readonly touchpoint: string; readonly because: WithheldBecause }
  | { readonly is: 'failed'; readonly touchpoint: string; readonly because: string }
  | { readonly is: 'unknown'; readonly touchpoint: string; readonly because: string }

/** Why a touchpoint was not sent. */
export type WithheldBecause = 'no-address' | 'unsubscribed' | 'suppressed' | 'withdrawn' | 'no-customer'

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
