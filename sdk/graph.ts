/** A journey as a graph, read from its source: what may come after what. A path that the source leaves open is in it. */
export interface JourneyGraph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/**
 * `start`, `step:<id>`, `stage:<name>` where a stage begins, `fork:<ids>` and `join:<ids>` around steps side by side, and
 * `end:<outcome>`. The goal and the exits of a definition are no ends of it: they may come anywhere.
 */
export type GraphNode =
  | { readonly kind: 'start'; readonly id: 'start' }
  | { readonly kind: 'stage'; readonly id: string; readonly stage: string }
  | StepNode
  /** Steps at the same time: goes on after the first of them, or after all. */
  | { readonly kind: 'fork'; readonly id: string; readonly stage: string; readonly until: 'first' | 'all' }
  | { readonly kind: 'join'; readonly id: string; readonly stage: string }
  | EndNode

export interface StepNode {
  readonly kind: 'step'
  readonly id: string
  readonly stage: string
  readonly step: string
  readonly verb: string
  /** What it sends, waits for, or how long it sleeps: words for people. */
  readonly does: string
  /** Its arguments as source text, by what they are: `message`, `timeout`, `on <label>`, `arm <name>`, … */
  readonly given: Readonly<Record<string, string>>
}

export interface EndNode {
  readonly kind: 'end'
  readonly id: string
  /** `stuck`: an error that waits for a fix; `ended`: the source returns something that can't be read. */
  readonly outcome: 'completed' | 'exited' | 'continued' | 'failed' | 'stuck' | 'ended'
  /** The reason, the next journey, or the source text. */
  readonly words?: string
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  /** The outcomes of `from` with which it goes this way: labels of a wait, `timeout`, arms, branches, `sent` … */
  readonly labels?: readonly string[]
  /** Conditions on the way, as source text; `else` where all of them were not met. */
  readonly when?: readonly string[]
}
