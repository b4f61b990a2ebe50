import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Receipt } from '../checker/facts'

/** What a sink took, in a file: on the disk before it answers, so that it may be killed at any moment. */
export class Journal {
  private readonly file: number
  private readonly attempts = new Map<string, number>()
  private readonly taken = new Set<string>()

  constructor(path: string) {
    this.file = openSync(path, 'a')
    for (const receipt of receiptsIn(path)) this.count(receipt)
  }

  write(ref: string, did: Receipt['did']): void {
    const receipt = { at: Date.now(), ref, did }
    writeSync(this.file, `${JSON.stringify(receipt)}\n`)
    fsyncSync(this.file)
    this.count(receipt)
  }

  /** How often this was tried before, as far as it was written down. */
  attemptsAt(ref: string): number {
    return this.attempts.get(ref) ?? 0
  }

  has(ref: string): boolean {
    return this.taken.has(ref)
  }

  private count({ ref, did }: Receipt): void {
    this.attempts.set(ref, this.attemptsAt(ref) + 1)
    if (did === 'took' || did === 'cut' || did === 'silent') this.taken.add(ref)
  }
}

/** Whole lines: the last may have been cut by a kill, and was never answered then. */
export function receiptsIn(path: string): Receipt[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Receipt)
}
