import { fraction } from '../../sdk/hash'
import { nextLocal } from '../../sdk/time'
import { firstLimits, type Limits } from '../../sdk/contact'
import { seededRandom } from '../time/random'

const DAY_MS = 86_400_000
export const yearStart = Date.UTC(2027, 0, 1)
export const yearEnd = Date.UTC(2028, 0, 1)

/** A journey as the simulation knows it: what its touchpoints are worth, and when it wants to send. */
export interface SimulatedJourney {
  readonly name: string
  /** What a touchpoint brings when it works. */
  readonly value: number
  /** The mean chance that it works; a customer's own is between half of it and one and a half. */
  readonly propensity: number
  /** By the customer's clock on some weekdays or days apart, or whenever something happens, on the mean so many days apart. */
  readonly rhythm:
    | { readonly hour: number; readonly everyDays: number; readonly weekday?: number }
    | { readonly meanDays: number }
}

export const journeys: readonly SimulatedJourney[] = [
  { name: 'renewal', value: 200, propensity: 0.15, rhythm: { hour: 9, everyDays: 90 } },
  { name: 'cart', value: 60, propensity: 0.1, rhythm: { meanDays: 30 } },
  { name: 'winback', value: 25, propensity: 0.06, rhythm: { meanDays: 25 } },
  { name: 'cross-sell', value: 40, propensity: 0.04, rhythm: { hour: 10, everyDays: 10 } },
  { name: 'survey', value: 4, propensity: 0.2, rhythm: { hour: 10, everyDays: 30 } },
  { name: 'newsletter', value: 1, propensity: 0.05, rhythm: { hour: 10, everyDays: 7, weekday: 2 } },
  { name: 'digest', value: 1, propensity: 0.05, rhythm: { hour: 10, everyDays: 7, weekday: 2 } },
]

export const capOfWeek = { most: 2, days: 7 }
export const holdDays = 3
export const limits: Limits = {
  ...firstLimits,
  holdFor: `${holdDays} days`,
  quietHours: [{ name: 'nights', from: '21:00', to: '08:00' }],
  caps: [
    {
      name: 'mails a week',
      channels: ['email'],
      most: capOfWeek.most,
      window: { rolling: `${capOfWeek.days} days` },
    },
    { name: 'mails a day', channels: ['email'], most: 1, window: { calendar: 'day' } },
  ],
}

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney']

export interface Wish {
  readonly id: string
  readonly journey: string
  readonly at: number
  readonly propensity: number
  readonly value: number
}

export interface SimulatedCustomer {
  readonly id: string
  readonly zone: string
  /** Every touchpoint that a journey wants to send within the year, by time. */
  readonly wishes: readonly Wish[]
}

/** The same customer in every run with this seed. Every tenth is in one journey alone. */
export function customerOf(number: number, seed: number): SimulatedCustomer {
  const id = `customer-${seed}-${number}`
  const zone = zones[number % zones.length]!
  const own = number % 10 === 9 ? [journeys[Math.floor(number / 10) % journeys.length]!] : journeys
  const wishes = own.flatMap((journey) => wishesOf(journey, id, zone))
  return { id, zone, wishes: wishes.sort((one, other) => one.at - other.at) }
}

function wishesOf(journey: SimulatedJourney, customer: string, zone: string): Wish[] {
  const { name, value, propensity } = journey
  const own = propensity * (0.5 + fraction('propensity', name, customer))
  const times = timesOf(journey, customer, zone)
  return times.map((at, each) => ({
    id: `${name}:${customer}/1/send/${each + 1}`,
    journey: name,
    at,
    value,
    propensity: own,
  }))
}

function timesOf({ name, rhythm }: SimulatedJourney, customer: string, zone: string): number[] {
  const random = seededRandom(Math.floor(fraction('times', name, customer) * 2 ** 31))
  const times: number[] = []
  if ('meanDays' in rhythm) {
    const gap = () => -Math.log(random(1, 1_000_000) / 1_000_000) * rhythm.meanDays * DAY_MS
    for (let at = yearStart + gap(); at < yearEnd; at += gap()) times.push(Math.floor(at))
  } else {
    const { hour, weekday, everyDays } = rhythm
    const first = weekday === undefined ? yearStart + random(0, everyDays * 24) * 3_600_000 : yearStart
    for (let at = nextLocal({ hour, weekday }, first, zone); at < yearEnd;)
      at = (times.push(at), nextLocal({ hour, weekday }, at + everyDays * DAY_MS - 12 * 3_600_000, zone))
  }
  return times
}
