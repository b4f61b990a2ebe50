import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { Refused } from '../refused'

/** What a move was asked to do. */
export interface Heading {
  /** Names the move: each enrollment is moved by it once, however often it is begun again. */
  readonly move: string
  readonly journey: string
  readonly toStage: string
  readonly where: readonly string[]
  readonly reason?: string
  readonly by?: string
}

/** One that is to be moved, and the stage it was found in. */
export interface Planned {
  readonly id: string
  readonly entry: number
  readonly from: string
}

export type Fate = 'moved' | 'refused' | 'gone' | 'undone' | 'not undone'

interface Settled {
  readonly id: string
  readonly is: Fate
  readonly because?: string
}

/**
 * The list by which a move goes on after it was cut off, and is undone: a JSON value a line, first what was asked, then all that
 * are to be moved, then what became of each. Nobody is moved before they stand in it.
 */
export class UndoFile {
  private readonly fates = new Map<string, Settled>()

  private constructor(
    readonly path: string,
    readonly heading: Heading,
    readonly planned: readonly Planned[],
  ) {}

  /** Throws Refused where the file is there already. */
  static begin(path: string, heading: Heading, planned: readonly Planned[]): UndoFile {
    const lines = [heading, ...planned].map((line) => `${JSON.stringify(line)}\n`)
    writeFileSync(path, lines.join(''), { flag: 'wx' })
    return new UndoFile(path, heading, planned)
  }

  /** What a file holds; undefined where there is none. Throws Refused where it is no such list. */
  static read(path: string): UndoFile | undefined {
    if (!existsSync(path)) return undefined
    const [heading, ...lines] = linesOf(path, readFileSync(path, 'utf8'))
    if (typeof (heading as Heading | undefined)?.move !== 'string')
      throw new Refused(`${path} is not the list of a move.`)
    const isPlanned = (line: unknown): line is Planned => 'from' in (line as object)
    const file = new UndoFile(path, heading as Heading, lines.filter(isPlanned))
    for (const line of lines) if (!isPlanned(line)) file.fates.set((line as Settled).id, line as Settled)
    return file
  }

  /** Those of whom it is not known what became. */
  open(): Planned[] {
    return this.planned.filter(({ id }) => !this.fates.has(id))
  }

  /** Those who were moved, and are not moved back yet. */
  moved(): Planned[] {
    return this.planned.filter(({ id }) => this.fates.get(id)?.is === 'moved')
  }

  settle(settled: Settled): void {
    this.fates.set(settled.id, settled)
    appendFileSync(this.path, `${JSON.stringify(settled)}\n`)
  }

  /** How many came to each fate, with the reasons. */
  tally(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { is, because } of this.fates.values()) {
      const words = because === undefined ? is : `${is} (${because})`
      counts.set(words, (counts.get(words) ?? 0) + 1)
    }
    return counts
  }
}

/** Whoever was cut off in the middle of a line had not finished what it tells: it is taken away. */
function linesOf(path: string, text: string): unknown[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole))
  try {
    return whole.split('\n').filter(Boolean).map((line) => JSON.parse(line) as unknown) // prettier-ignore
  } catch {
    throw new Refused(`${path} is not the list of a move.`)
  }
}
