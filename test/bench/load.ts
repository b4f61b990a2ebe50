import { type Asked, startAsked } from './asked'

export interface LoadRequest {
  readonly url: string
  readonly path: string
  readonly authorization: string
  /** Events in a request. */
  readonly size: number
  readonly seconds: number
  /** How many the events are about: customer-0 and so on, in turns. */
  readonly customers: number
}

/** Events answered by 200, and how long that took. */
export interface Accepted {
  readonly events: number
  readonly seconds: number
}

/** A process that posts track events over 32 kept-alive connections; rejects at any other answer than 200. */
export type Load = Asked<LoadRequest, Accepted>

export const startLoad = (): Load => startAsked('load-process')
