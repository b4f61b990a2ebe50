import { dirname, relative, sep } from 'node:path'
import type ts from 'typescript'

/** What keeps journeys from being read: one sentence each, with its place in the source. */
export class Problems {
  private readonly sentences: string[] = []

  constructor(private readonly workflowsFolder: string) {}

  /** `sentence` goes on after the place: `workflows/journeys/trial.ts:12 `. */
  at(node: ts.Node, sentence: string): void {
    const file = node.getSourceFile()
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
    const path = relative(dirname(this.workflowsFolder), file.fileName).split(sep).join('/')
    this.add(`${path}:${line} ${sentence}`)
  }

  add(sentence: string): void {
    if (!this.sentences.includes(sentence)) this.sentences.push(sentence)
  }

  /** Throws an Error with all sentences, if there are any. */
  throwIfAny(): void {
    if (this.sentences.length > 0)
      throw new Error(`The journeys can't be built:\n${this.sentences.join('\n')}`)
  }
}
