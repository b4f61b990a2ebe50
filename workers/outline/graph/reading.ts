import type ts from 'typescript'
import type { GraphBuilder } from './builder'
import type { Names } from './names'
import type { Path, Valued } from './path'
import type { StepFacts } from './step-node'

/** Where a way leads that does not simply go on. */
export interface Exits {
  return(valued: readonly Valued[], written: ts.Expression | undefined): void
  throw(paths: readonly Path[], written: ts.Expression): void
  jump(paths: readonly Path[], kind: 'break' | 'continue', label: string | undefined): void
  /** Told of the ways after each step: an error may come of it. */
  passed(paths: readonly Path[]): void
}

/** What reading a body needs: the graph that it draws, its steps, and where its ways lead. */
export interface Reading {
  readonly graph: GraphBuilder
  readonly stage: string
  readonly steps: ReadonlyMap<ts.Node, StepFacts>
  readonly names: Names
  readonly exits: Exits
}

export const withExits = (reading: Reading, exits: Partial<Exits>): Reading => ({
  ...reading,
  exits: { ...reading.exits, ...exits },
})
