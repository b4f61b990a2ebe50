import type { Policy } from './decision'
import { durationMs, type Duration } from './time/duration'

/**
 * What a model's number says of an arm; it takes the place of propensity in its priority. chance: how likely it works, 0 to 1.
 * value: what is expected of it, in the deployment's own unit. effect: what it adds to doing nothing; below 0 it does harm.
 */
export type Says = 'chance' | 'value' | 'effect'

/** A server of the adopter's own, by the name it has in MODEL_SERVERS. */
export interface HttpModel {
  readonly is: 'http'
  readonly name: string
  readonly says: Says
  readonly timeoutMs: number
  /** How long an answer to the same question counts; 0: it is asked each time. */
  readonly cacheMs: number
}

export type Model = HttpModel

interface Saying {
  /** Default: chance. */
  readonly says?: Says
}

export interface AskServer extends Saying {
  readonly http: string
  /** How long a decision waits for it: 10 to 3,000; default 500. */
  readonly timeoutMs?: number
  /** How long an answer to the same question counts; default: it is asked each time. */
  readonly cache?: Duration
}

const TIMEOUT_MS = 500
const MOST_MS = 3_000

/** A model of the adopter's own, for a policy; see docs/guides/decisions.md. Throws a RangeError for times out of bounds. */
export function model({ http: name, says = 'chance', timeoutMs = TIMEOUT_MS, cache }: AskServer): Model {
  if (!(timeoutMs >= 10 && timeoutMs <= MOST_MS))
    throw new RangeError(`A decision waits 10 to ${MOST_MS} ms for a model, not ${timeoutMs}`)
  return { is: 'http', name, says, timeoutMs, cacheMs: cache === undefined ? 0 : durationMs(cache) }
}

/** Why a model's scores could not be used. */
export type NoScores =
  /** The deployment does not know its name. */
  | 'not-configured'
  /** An operator switched models off. */
  | 'switched-off'
  | 'too-slow'
  | 'unreachable'
  /** It failed so often that it is left alone for a while. */
  | 'resting'
  /** It answered with another status than 200. */
  | 'refused'
  /** Its answer has not the form of one: HTML, nothing, too much. */
  | 'not-understood'
  /** It spoke of other arms than those it was asked about. */
  | 'other-arms'
  /** What it said of an arm is no number, or no chance where it says chances. */
  | 'no-number'

/** What became of asking a model for a decision. */
export type ModelUse =
  | { readonly is: 'used'; readonly says: Says; readonly version?: string; readonly cached?: true }
  | {
      readonly is: 'fell-back'
      /** The policy that chose. */
      readonly to: Policy['is']
      readonly because: NoScores
      /** In words, for operators. */
      readonly detail?: string
    }
