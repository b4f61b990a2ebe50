import { formatClock } from '../time/local'
import type { Difference, Seen } from './stage'

/** By whose clock, and when it is. */
export interface Moment {
  readonly zone: string
  /** Epoch ms. */
  readonly now: number
}

/** The customer's timeline as text, a line for whatever happened; with the difference marked where there is one. */
export function pictureOf({ timeline }: Seen, { zone, now }: Moment, difference?: Difference): string {
  const mark = `<-- expected: ${difference?.expected}`
  const lines = timeline.map(({ at, words, touchpoint }) =>
    touchpoint !== undefined && touchpoint === difference?.touchpoint
      ? `> ${lineOf(at, words, zone)}   ${mark}`
      : `  ${lineOf(at, words, zone)}`,
  )
  if (difference && difference.touchpoint === undefined)
    lines.push(`> ${lineOf(now, 'now', zone)}   ${mark}; ${difference.instead}`)
  return lines.join('\n')
}

// As of later, so that the date is always shown.
const lineOf = (at: number, words: string, zone: string): string =>
  `${formatClock(at, zone, at + 1).padEnd(17)} ${words}`
