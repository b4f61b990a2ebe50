import { addLocal } from './local'
import type { Zone } from './zones'

export type DurationUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

/** A number, a space and a unit: `3 days`, `1 hour`, `1.5 hours`, `6 months`. */
export type Duration = `${number} ${DurationUnit | `${DurationUnit}s`}`

/** A duration that may have a sign: `-7 days` is a week before, `+2 hours` or `2 hours` is after. */
export type Offset = Duration | `${'+' | '-'}${Duration}`

export interface ParsedDuration {
  amount: number
  unit: DurationUnit
}

const form = /^([+-]?)(\d+(?:\.\d+)?) (second|minute|hour|day|week|month|year)s?$/

const second = 1000
const hour = 60 * 60 * second
const day = 24 * hour
const lengths = { second, minute: 60 * second, hour, day, week: 7 * day, month: 30 * day, year: 365 * day }

export const isDuration = (text: string): text is Duration => parse(text) !== undefined && !/^[+-]/.test(text)

/** Reads a duration. Throws RangeError for any other text, negative ones included. */
export function parseDuration(text: string): ParsedDuration {
  if (isDuration(text)) return parse(text)!
  throw new RangeError(
    `${JSON.stringify(text)} is not a duration; write a number, a space and a unit, ` +
      `like '90 minutes', '3 days' or '6 months'`,
  )
}

/** Reads a duration, signed or not; '-' makes the amount negative. Throws RangeError for other text. */
export function parseOffset(text: string): ParsedDuration {
  const parsed = parse(text)
  if (parsed) return parsed
  throw new RangeError(
    `${JSON.stringify(text)} is not an offset; write a number, a space and a unit, with a sign or without, ` +
      `like '-7 days', '+2 hours' or '1 month'`,
  )
}

/** The milliseconds of a duration; a day is 24 hours. Throws RangeError for months and years, which vary. */
export function durationMs(duration: Duration): number {
  const { unit } = parseDuration(duration)
  if (unit === 'month' || unit === 'year') {
    throw new RangeError(
      `${JSON.stringify(duration)} has no exact length; write days or weeks, like '30 days'`,
    )
  }
  return exactMs(duration)
}

/**
 * The instant an exact time later: a day is 24 hours, a month 30 days, a year 365 days.
 * Throws RangeError for text that is no duration, negative ones included.
 */
export function addExact(epochMs: number, duration: Duration): number {
  return epochMs + exactMs(duration)
}

/**
 * The instant a duration later (or earlier) by the calendar and clocks of a zone, as `addLocal`.
 * Throws RangeError for other text, an unknown zone, and a part of a day, week, month or year.
 */
export function addDuration(epochMs: number, duration: Offset, zone: Zone): number {
  const { amount, unit } = parseOffset(duration)
  return addLocal(epochMs, { [`${unit}s`]: amount }, zone)
}

function parse(text: string): ParsedDuration | undefined {
  const [, sign, amount, unit] = form.exec(text) ?? []
  if (!unit) return undefined
  return { amount: Number(`${sign}${amount}`), unit: unit as DurationUnit }
}

function exactMs(duration: Duration): number {
  const { amount, unit } = parseDuration(duration)
  return Math.round(amount * lengths[unit])
}
