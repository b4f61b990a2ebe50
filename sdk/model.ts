import type { Policy } from './decision'
import { durationMs, type Duration } from './time/duration'

/**
 * What a model's number says of an arm; it takes the place of propensity in its priority. chance: how likely it works, 0 to 1.
 * value: what is expected of it, in the deployment's own unit. effect: what it adds to doing nothing; below 0 it does harm.
 */
export type Says = 'chance' | 'value' | 'effect'

interface Saying<Baseline extends string> {
  /** Default: chance. */
  readonly says?: Says
  /** How long a decision waits for it: 10 to 3,000; default 500. */
  readonly timeoutMs?: number
  /** The arm that effects are against, such as doing nothing. Its own is 0; the model is asked about the others. */
  readonly baseline?: Baseline
}

/** Asks a server, by the name it has in MODEL_SERVERS. */
export interface AskServer<Baseline extends string = string> extends Saying<Baseline> {
  readonly http: string
  /** How long an answer to the same question counts; default: it is asked each time. */
  readonly cache?: Duration
}

/** Reads scores that were computed before, in a database of the adopter's own. */
export interface AskTable<Baseline extends string = string> extends Saying<Baseline> {
  /** One select of `arm`, `score`, `at` (when it was scored) and, where there is one, `version`; `$1` is the key. */
  readonly sql: string
  /** The name of the database in SOURCE_DATABASES. */
  readonly from: string
  /** The name in the context whose value is the key; default: the customer's id. */
  readonly key?: string
  /** Older scores do not count. */
  readonly maxAge: Duration
}

/** Runs a model that was exported as a file. */
export interface AskFile<Baseline extends string = string> extends Saying<Baseline> {
  /** In the folder MODEL_FILES. */
  readonly onnx: string
  /** What the model takes, a row for each arm, in this order. */
  readonly inputs: Inputs
  /** The output that holds the scores, the last of each row; default: the model's last. */
  readonly output?: string
}

/**
 * By names in the context, or else of the arm's features: a number, 1 or 0 for a boolean, or for a text one input for each of
 * its values. `arm` is the arm's own name.
 */
export type Inputs = Readonly<Record<string, 'number' | 'boolean' | readonly string[]>>

type With<Given, Optional extends keyof Given> = Readonly<Required<Pick<Given, Optional>>> &
  Omit<Given, Optional>

export type HttpModel<Baseline extends string = string> = {
  readonly is: 'http'
  readonly cacheMs: number
} & With<Omit<AskServer<Baseline>, 'cache'>, 'says' | 'timeoutMs'>
export type TableModel<Baseline extends string = string> = {
  readonly is: 'table'
  readonly maxAgeMs: number
} & With<Omit<AskTable<Baseline>, 'maxAge'>, 'says' | 'timeoutMs'>
export type FileModel<Baseline extends string = string> = { readonly is: 'file' } & With<
  AskFile<Baseline>,
  'says' | 'timeoutMs'
>

export type Model<Baseline extends string = string> =
  HttpModel<Baseline> | TableModel<Baseline> | FileModel<Baseline>

const TIMEOUT_MS = 500
const MOST_MS = 3_000
const FILE = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*\.onnx$/

/**
 * A model of the adopter's own, for a policy; see docs/guides/decisions.md. Throws a RangeError for times out of bounds, for a
 * baseline of what is no effect, and for a file whose name could lead out of its folder.
 */
export function model<const Baseline extends string = never>(
  given: AskServer<Baseline> | AskTable<Baseline> | AskFile<Baseline>,
): Model<Baseline> {
  const { says = 'chance', timeoutMs = TIMEOUT_MS, baseline } = given
  if (baseline !== undefined && says !== 'effect')
    throw new RangeError(`Effects are against "${baseline}", not each ${says}: let the model say effects`)
  if (!(timeoutMs >= 10 && timeoutMs <= MOST_MS))
    throw new RangeError(`A decision waits 10 to ${MOST_MS} ms for a model, not ${timeoutMs}`)
  if ('http' in given) {
    const { cache, http } = given
    return {
      is: 'http',
      http,
      says,
      timeoutMs,
      cacheMs: cache === undefined ? 0 : durationMs(cache),
      ...(baseline !== undefined && { baseline }),
    }
  }
  if ('sql' in given) {
    const { maxAge, ...asked } = given
    return { ...asked, is: 'table', says, timeoutMs, maxAgeMs: durationMs(maxAge) }
  }
  if (!FILE.test(given.onnx)) throw new RangeError(`"${given.onnx}" is no path such as churn/2026-11.onnx`)
  return { ...given, is: 'file', says, timeoutMs }
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
  /** A server answered with another status than 200, a database would not run the query, a file could not be run. */
  | 'refused'
  /** Its answer has not the form of one: HTML, nothing, too much. */
  | 'not-understood'
  /** It spoke of other arms than those it was asked about. */
  | 'other-arms'
  /** What it said of an arm is no number, no chance where it says chances, or an effect of the baseline other than 0. */
  | 'no-number'
  /** There are no scores under the key. */
  | 'no-row'
  /** They are older than they may be. */
  | 'too-old'
  /** The context has not what the model takes. */
  | 'no-input'
  /** The package that runs such files is not installed. */
  | 'not-installed'

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
