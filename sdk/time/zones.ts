import { zoneTable, zoneTableEnd, zoneTableStart } from './zone-table'

/** Says how many minutes east of UTC a zone's clocks are at an instant (epoch ms). */
export type ZoneRule = (epochMs: number) => number

/** An IANA name such as `Europe/Berlin`, or a rule of one's own. */
export type Zone = string | ZoneRule

const minute = 60_000
/** In 28 years every date falls on the same day of the week again, so clocks change on the same dates. */
const cycle = 10_227 * 24 * 60 * minute

/** The furthest from 1970 that a Date can be, in ms (ECMA-262, 21.4.1.1). */
const lastInstant = 8.64e15

const timeDigits = 5
const entryLength = timeDigits + 1

/** Whether this is an IANA zone name, old aliases such as `US/Eastern` included. Case matters. */
export function isZone(name: string): boolean {
  return placeOf(name) >= 0
}

/**
 * Minutes east of UTC, after the IANA data of `zoneTableVersion`. Before 2020 the offset is that of 1 January
 * 2020; after the table's end the last 28 years repeat.
 * Throws RangeError for an unknown zone and for a number that is no instant.
 */
export function offsetAt(zone: string, epochMs: number): number {
  return zoneRule(zone)(epochMs)
}

/** The rule of a zone, for several look-ups. Throws RangeError for an unknown zone. */
export function zoneRule(zone: Zone): ZoneRule {
  if (typeof zone === 'function') return zone
  const place = placeOf(zone)
  if (place < 0)
    throw new RangeError(`Unknown time zone ${JSON.stringify(zone)}; write one like 'Europe/Berlin'`)
  const row = zoneTable.slice(zoneTable.indexOf(',;', place) + 2, zoneTable.indexOf('\n', place))
  const [offsets = '', changes = ''] = row.split(';')
  const minutes = offsets.split(' ').map(Number)
  return (epochMs) => minutes[indexAt(changes, epochMs)]!
}

/** Every zone name, aliases included, sorted. Reads the whole table: not for workflows. */
export function zoneNames(): string[] {
  const rows = zoneTable.trim().split('\n')
  return rows.flatMap((row) => row.slice(1, row.indexOf(',;')).split(',')).sort()
}

/** Where the name stands in the table. It stays text, as workflows share a string but not what they parse. */
function placeOf(name: string): number {
  return /^[A-Za-z0-9_+/-]+$/.test(name) ? zoneTable.indexOf(`,${name},`) : -1
}

/** Finds the last change that is not after the instant. Digits of equal length sort as text. */
function indexAt(changes: string, epochMs: number): number {
  const time = Math.floor((insideTable(epochMs) - zoneTableStart) / minute)
  const wanted = time.toString(36).padStart(timeDigits, '0')
  let low = 0
  let high = changes.length / entryLength
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const from = middle * entryLength
    if (changes.slice(from, from + timeDigits) <= wanted) low = middle
    else high = middle
  }
  return Number(changes[low * entryLength + timeDigits])
}

function insideTable(epochMs: number): number {
  if (!(Math.abs(epochMs) <= lastInstant))
    throw new RangeError(`${epochMs} is not an instant in milliseconds`)
  if (epochMs < zoneTableEnd) return Math.max(epochMs, zoneTableStart)
  return zoneTableEnd - cycle + ((epochMs - zoneTableEnd) % cycle)
}
