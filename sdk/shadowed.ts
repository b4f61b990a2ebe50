import type { AnyPolicy } from './decision'
import type { ModelUse } from './model'

interface Beside {
  readonly policy: AnyPolicy
  /** A hash of the policy. */
  readonly version: string
}

/** What a policy beside the one that decided would have chosen, of the same arms. Nothing of it acts. */
export interface Shadowed extends Beside {
  readonly is: 'chose'
  readonly arm: string
  /** The chance that it gave this arm. */
  readonly propensity: number
  /** How many settled decisions it had learned from. */
  readonly learned: number
  /** The chance that it gave each arm, and what it expected of it; `modelled`: what its model said. */
  readonly arms: readonly {
    readonly arm: string
    readonly propensity: number
    readonly score: number
    readonly modelled?: number
  }[]
  /** Where it asks a model: what became of that. */
  readonly model?: ModelUse
}

/** The decision did not wait for it any longer, or it broke. */
export interface Unshadowed extends Beside {
  readonly is: 'failed'
  readonly because: 'too-slow' | 'broken'
  /** The name of an error. */
  readonly detail?: string
}

/** What became of asking a policy beside the one that decided. */
export type Shadow = Shadowed | Unshadowed
