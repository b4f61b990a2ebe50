import { z } from 'zod'
import type { Limits } from '../sdk/contact'
import { durationMs, type Duration } from '../sdk/time'
import type { TimeOfDay } from '../sdk/contact/limits'
import { plainText } from './fields'

// The limits as callers write them. `SameAsLimits` below does not compile when this and the sdk's type part ways.

const most = (count: number) => ({ error: `must have at most ${count} entries` })

const list = <Item extends z.ZodType>(item: Item, count = 100) =>
  z
    .array(item, { error: 'must be a list' })
    .min(1, { error: 'must not be empty; leave it out for all' })
    .max(count, most(count))
    .refine((items) => new Set(items).size === items.length, { error: 'must name nothing twice' })

const record = <Value extends z.ZodType>(value: Value, count: number) =>
  z
    .record(name, value, { error: 'must be an object' })
    .refine((object) => Object.keys(object).length <= count, most(count))

const name = plainText(100)

/** A duration of exact length, from `least` to `longest`. */
const between = (least: Duration, longest: Duration) =>
  z
    .string({ error: 'must be a text' })
    .refine((text) => lengthOf(text) !== undefined, {
      error:
        "must be a number and a unit of exact length, such as '7 days' or '90 minutes'; no months or years",
      abort: true,
    })
    .refine((text) => lengthOf(text)! >= durationMs(least) && lengthOf(text)! <= durationMs(longest), {
      error: `must be from ${least} to ${longest}`,
    })
    .transform((text) => text as Duration)
    .meta({ pattern: '^\\d+(\\.\\d+)? (second|minute|hour|day|week)s?$', examples: [least] })

function lengthOf(text: string): number | undefined {
  try {
    return durationMs(text as Duration)
  } catch {
    return undefined
  }
}

const whole = (least: number, greatest: number) =>
  z.int({ error: `must be a whole number from ${least} to ${greatest}` })
    .min(least, { error: `must be a whole number from ${least} to ${greatest}` })
    .max(greatest, { error: `must be a whole number from ${least} to ${greatest}` }) // prettier-ignore

const percent = z
  .number({ error: 'must be a number' })
  .gt(-100, { error: 'must be more than -100: it would be worth nothing, or less' })
  .max(10_000, { error: 'must be at most 10000' })

const timeOfDay = z
  .string({ error: 'must be a text' })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time from 00:00 to 23:59, such as 21:00' })
  .transform((text) => text as TimeOfDay)
  .meta({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })

const country = z
  .string({ error: 'must be a text' })
  .refine(isCountry, { error: 'must be an ISO 3166-1 code of two capitals, such as DE or GB' })
  .meta({ pattern: '^[A-Z]{2}$' })

const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

/** Names of groups (EU) and codes that gave way to others (UK) are none. */
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || ['EU', 'EZ', 'UN', 'ZZ', 'QO'].includes(code)) return false
  return new Intl.Locale(`und-${code}`).region === code && countryNames.of(code) !== undefined
}

const scope = {
  channels: list(name).optional().describe('Left out: all'),
  categories: list(z.enum(['marketing', 'transactional']), 2)
    .optional()
    .describe('Left out: marketing alone'),
  journeys: list(name).optional().describe('Left out: all'),
}

const quietHours = z.strictObject({
  ...scope,
  name: name.describe('Unique'),
  countries: list(country, 300).optional().describe('Only for customers of these'),
  exceptCountries: list(country, 300).optional().describe('For all but customers of these'),
  from: timeOfDay,
  to: timeOfDay.describe('At or before `from`: on the next day'),
  weekdays: list(whole(1, 7), 7).optional().describe('Monday 1 to Sunday 7'),
  onHolidays: list(name).optional().describe('Names of calendars in `holidays`'),
})

const cap = z.strictObject({
  ...scope,
  name: name.describe('Unique'),
  most: whole(0, 10_000).describe('0 stops what it is about'),
  window: z.union(
    [
      z.strictObject({ rolling: between('1 minute', '366 days') }),
      z.strictObject({ calendar: z.enum(['day', 'week', 'month']) }),
    ],
    { error: "must be { rolling: '7 days' } (1 minute to 366 days, no months or years) or { calendar: 'day', 'week' or 'month' }" },
  ),
}) // prettier-ignore

const silence = z.strictObject({
  channels: scope.channels,
  countries: list(country, 300).optional(),
  means: z.enum(['allowed', 'withheld']),
})

const arbitration = z.strictObject({
  levers: record(percent, 500).optional().describe('Percent on top, by journey'),
  contexts: record(percent, 100).optional().describe('Percent on top, by channel'),
  windowMs: whole(0, 5_000).describe('How long a contested marketing touchpoint waits for its competitors'),
})

const date = z.iso.date({ error: 'must be a date that exists, such as 2027-12-25' })

const ENTRIES = 200

/** A full document: what is left out of it does not hold. */
export const limits = z
  .strictObject({
    quietHours: z.array(quietHours).max(ENTRIES, most(ENTRIES)),
    holidays: record(list(date, 500), 50).describe('Local dates by calendar name'),
    caps: z.array(cap).max(ENTRIES, most(ENTRIES)),
    silence: z.array(silence).max(ENTRIES, most(ENTRIES)),
    holdFor: between('1 minute', '60 days').describe('How long a held touchpoint is worth sending'),
    spreadOver: between('1 second', '12 hours').describe('Over how long many that wake at once are spread'),
    arbitration,
    holdout: z
      .number({ error: 'must be a number from 0 to 1' })
      .min(0, { error: 'must be a number from 0 to 1' })
      .max(1, { error: 'must be a number from 0 to 1' })
      .describe('The share of customers kept out of all marketing'),
  })
  .superRefine((document, context) => {
    for (const fault of faultsAcross(document)) context.addIssue({ code: 'custom', ...fault })
  })
  .meta({ id: 'Limits' })

interface Fault {
  readonly path: (string | number)[]
  readonly message: string
}

/** Names that appear twice, and calendars that are not there. */
const faultsAcross = (document: Pick<Limits, 'quietHours' | 'caps' | 'holidays'>): Fault[] => [
  ...repeated('quietHours', document.quietHours),
  ...repeated('caps', document.caps),
  ...document.quietHours.flatMap(({ onHolidays = [] }, index) =>
    onHolidays.flatMap((calendar, at) =>
      Object.hasOwn(document.holidays, calendar)
        ? []
        : [
            {
              path: ['quietHours', index, 'onHolidays', at],
              message: `must be one of the calendars in holidays: ${Object.keys(document.holidays).join(', ') || 'there are none'}`,
            },
          ],
    ),
  ),
]

const repeated = (under: string, named: readonly { readonly name: string }[]): Fault[] =>
  named.flatMap(({ name }, index) =>
    named.findIndex((other) => other.name === name) < index
      ? [{ path: [under, index, 'name'], message: `must be unique; "${name}" is there before` }]
      : [],
  )

type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
    : Value
type Same<One, Other> =
  (<Any>() => Any extends One ? 1 : 2) extends <Any>() => Any extends Other ? 1 : 2 ? true : false
type True<Value extends true> = Value

export type SameAsLimits = True<Same<Frozen<z.output<typeof limits>>, Frozen<Limits>>>
