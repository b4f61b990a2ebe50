import type { Category } from '../definition'
import { durationMs, type Duration } from '../time/duration'

/** Which touchpoints a limit is about; a list left out means all. */
export interface Scope {
  readonly channels?: readonly string[]
  /** Left out: marketing alone. */
  readonly categories?: readonly Category[]
  readonly journeys?: readonly string[]
}

/** A time of day by the customer's clock, `21:00`. */
export type TimeOfDay = `${number}:${number}`

/**
 * When nothing is sent, by the customer's clock; what comes up then is held until it is over. All hours that concern a
 * touchpoint add up: none lifts another.
 */
export interface QuietHours extends Scope {
  /** Unique; verdicts name it. */
  readonly name: string
  /** Only for customers of these countries, ISO 3166-1 in capitals. One whose country is not known is not among them. */
  readonly countries?: readonly string[]
  /** For all but customers of these countries. */
  readonly exceptCountries?: readonly string[]
  readonly from: TimeOfDay
  /** At or before `from`: on the next day. Both the same: a whole day. */
  readonly to: TimeOfDay
  /** The local days on which they begin, ISO: Monday 1 to Sunday 7. Left out: every day. */
  readonly weekdays?: readonly number[]
  /** Quiet on these days alone, from midnight to midnight: names of calendars in `holidays`. The other times don't count then. */
  readonly onHolidays?: readonly string[]
}

/** At most so many touchpoints to one customer within a window. */
export interface Cap extends Scope {
  /** Unique; verdicts name it. */
  readonly name: string
  /** 0 stops what it is about. */
  readonly most: number
  /** Rolling: any stretch of this length. Calendar: a day, week (from Monday) or month by the customer's clock. */
  readonly window: { readonly rolling: Duration } | { readonly calendar: 'day' | 'week' | 'month' }
}

/** What the customer's silence on a channel means for marketing. The first that fits counts; without any, silence allows. */
export interface SilenceRule {
  readonly channels?: readonly string[]
  readonly countries?: readonly string[]
  readonly means: 'allowed' | 'withheld'
}

/** The weights of arbitration, in percent on top: 20 makes 1.2 of it. */
export interface Weights {
  /** By journey: the business lever. */
  readonly levers?: Readonly<Record<string, number>>
  /** By channel: how well it suits now. */
  readonly contexts?: Readonly<Record<string, number>>
}

/** All that the deployment decided on contacting customers; kept in the database, changed while everything runs. */
export interface Limits {
  readonly quietHours: readonly QuietHours[]
  /** Local dates (`2027-01-01`) by calendar name. */
  readonly holidays: Readonly<Record<string, readonly string[]>>
  readonly caps: readonly Cap[]
  readonly silence: readonly SilenceRule[]
  /** How long a held touchpoint is worth sending, unless its journey says otherwise. */
  readonly holdFor: Duration
  /** Over how long those held for many customers until the same moment are spread. */
  readonly spreadOver: Duration
  readonly arbitration: Weights & {
    /** How long a marketing touchpoint that others compete with waits for them, ms; 0 to 5,000. */
    readonly windowMs: number
  }
  /** The share of customers kept out of all marketing, 0 to 1; stable by hash. */
  readonly holdout: number
}

const callsInCanada: readonly QuietHours[] = [
  { name: 'CA calls', weekdays: [1, 2, 3, 4], from: '21:30', to: '09:00' },
  { name: 'CA calls, Friday', weekdays: [5], from: '21:30', to: '10:00' },
  { name: 'CA calls, Saturday', weekdays: [6], from: '18:00', to: '10:00' },
  { name: 'CA calls, Sunday', weekdays: [7], from: '18:00', to: '09:00' },
].map((hours) => ({ ...hours, countries: ['CA'], channels: ['voice'] }) as QuietHours)

/**
 * What holds until somebody decides otherwise. The hours of countries are those in which marketing calls may not be made:
 * United States: 47 CFR 64.1200(c)(1), not before 8 am or after 9 pm by the local time of the called party; texts as well, as
 * (e) has them since FCC 23-107 (89 FR 5098). Canada: CRTC Unsolicited Telecommunications Rules, Part III, calling hours: 9:00
 * am to 9:30 pm on weekdays, 10:00 am to 6:00 pm at the weekend. A country that is left out is not thereby free of rules.
 */
export const firstLimits: Limits = {
  quietHours: [
    {
      name: 'nights',
      channels: ['sms', 'whatsapp', 'push', 'web-push', 'voice'],
      from: '21:00',
      to: '08:00',
    },
    { name: 'US calls and texts', countries: ['US'], channels: ['voice', 'sms'], from: '21:00', to: '08:00' },
    ...callsInCanada,
  ],
  holidays: {},
  caps: [],
  silence: [{ channels: ['sms', 'whatsapp', 'push', 'web-push', 'voice', 'audience'], means: 'withheld' }],
  holdFor: '3 days',
  spreadOver: '30 minutes',
  arbitration: { windowMs: 500 },
  holdout: 0,
}

/** A switch an operator threw: nothing it is about goes out until it is thrown back. */
export interface Stop {
  readonly id: number
  readonly scope: 'everything' | 'journey' | 'channel' | 'provider'
  /** Of the journey, channel or provider. */
  readonly name: string | null
}

/** Whether a limit is about a touchpoint. */
export function concerns(
  { channels, categories = ['marketing'], journeys }: Scope,
  touchpoint: { readonly channel: string; readonly category: Category; readonly journey: string },
): boolean {
  return (
    (channels?.includes(touchpoint.channel) ?? true) &&
    categories.includes(touchpoint.category) &&
    (journeys?.includes(touchpoint.journey) ?? true)
  )
}

const DAY_MS = 86_400_000
// A calendar month by the customer's clock, with a clock change in it.
const calendarMs = { day: 2 * DAY_MS, week: 8 * DAY_MS, month: 32 * DAY_MS } as const

/** How far back counting must look, ms. */
export const longestWindowMs = ({ caps }: Limits): number =>
  Math.max(
    0,
    ...caps.map(({ window }) =>
      'rolling' in window ? durationMs(window.rolling) : calendarMs[window.calendar],
    ),
  )
