import { type Asked, startAsked } from './asked'
import type { SourceName } from './sources'

export interface EventsRequest {
  readonly url: string
  readonly authorization: string
  readonly source: SourceName
  readonly customers: readonly string[]
  /** Where in the list to begin; the customers take turns. */
  readonly from: number
  readonly perSecond: number
  readonly seconds: number
}

/** Milliseconds from sending each request until the mail it causes is in the mail server's hands, and until its answer. */
export interface Caused {
  readonly mails: readonly number[]
  readonly answers: readonly number[]
  /** Customers whose mail had not come a minute after the last request. */
  readonly missing: readonly string[]
}

/** Asks where the mails are to go. */
export interface MailQuestion {
  readonly mailServer: true
}

/**
 * A process that posts at a fixed rate, however long answers take, and is the mail server as well: one clock for both ends.
 * Rejects at any other answer than 200, and at a mail that no request caused.
 */
export interface Events {
  post(request: EventsRequest): Promise<Caused>
  /** smtp://… */
  mailServer(): Promise<string>
  stop(): Promise<void>
}

export function startEvents(): Events {
  const child: Asked<EventsRequest | MailQuestion, Caused | string> = startAsked('events-process')
  return {
    post: async (request) => (await child.ask(request)) as Caused,
    mailServer: async () => (await child.ask({ mailServer: true })) as string,
    stop: () => child.stop(),
  }
}
