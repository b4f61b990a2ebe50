import { mean, type Ratio } from './ratio'

/** A logged decision as a policy under judgment sees it. */
export interface Logged {
  readonly reward: number
  /** The chance with which the arm was chosen. */
  readonly propensity: number
  /** The chance with which the policy under judgment would have chosen it. */
  readonly chance: number
  /** What a model expects of the arm chosen. */
  readonly expected: number
  /** What it expects of the policy: the sum over its arms of chance times expected reward. */
  readonly expectedOfPolicy: number
}

export const weight = ({ chance, propensity }: Logged): number => chance / propensity

/**
 * Off-policy estimates of the mean reward a decision.
 *
 * ipw: Σ w r / n with w = chance / propensity (Horvitz and Thompson 1952). snipw: Σ w r / Σ w (Swaminathan and Joachims 2015).
 * dm, the direct method: what the model expects of the policy. dr, doubly robust: dm, corrected by w times what the model
 * missed (Dudík, Langford and Li 2011).
 */
export const estimators = {
  ipw: mean((each) => weight(each) * each.reward),
  snipw: { of: (each) => weight(each) * each.reward, per: weight },
  dm: mean(({ expectedOfPolicy }) => expectedOfPolicy),
  dr: mean((each) => each.expectedOfPolicy + weight(each) * (each.reward - each.expected)),
} as const satisfies Record<string, Ratio<Logged>>

export type Estimator = keyof typeof estimators

/** As many decisions made by the policy itself would tell as much: (Σ w)² / Σ w² (Kish 1965). */
export function effectiveSize(log: readonly Logged[]): number {
  const sum = log.reduce((total, each) => total + weight(each), 0)
  const squares = log.reduce((total, each) => total + weight(each) ** 2, 0)
  return squares > 0 ? sum ** 2 / squares : 0
}
