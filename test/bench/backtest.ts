import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { reliveAll } from '../../api/cli/backtest'
import { readRecording } from '../../api/cli/backtest/recording'
import { firstLimits } from '../../sdk/contact'
import type { Recorded, Rehearsable } from '../../sdk/testing'
import { trialOnboarding } from '../../workflows/journeys'
import { median, rounded } from './figures'
import { inFolder } from './scope'
import { reference } from './reference/journeys/reference'

const CUSTOMERS = 20_000
const ROUNDS = 5
const START = Date.UTC(2026, 2, 2, 9)
const DAY_MS = 86_400_000
const until = START + 60 * DAY_MS

/** Customers a second of processor time, its threads for garbage included: the reference journey, the trial from parsed events, and the trial from its file. */
export const backtest = (): Promise<Record<string, unknown>> =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'events.ndjson')
    await writeFile(file, lines().join('\n'))
    const began = process.cpuUsage()
    const recording = await readRecording(file)
    const { user, system } = process.cpuUsage(began)
    const readMs = (user + system) / 1_000
    const referencePerSecond = await perSecond(referenceCustomers, 'reference', reference)
    const trialPerSecond = await perSecond(recording.customers, 'trialOnboarding', trialOnboarding)
    return {
      customers: CUSTOMERS,
      events: recording.events,
      referencePerSecond,
      trialPerSecond,
      linesReadPerSecond: rounded((recording.events / readMs) * 1_000, 0),
      trialWithReadingPerSecond: rounded(CUSTOMERS / (readMs / 1_000 + CUSTOMERS / trialPerSecond), 0),
    }
  })

async function perSecond(
  customers: readonly Recorded[],
  name: string,
  journey: Rehearsable,
): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.cpuUsage()
    const relived = await reliveAll({ customers, until }, name, journey, firstLimits)
    const { user, system } = process.cpuUsage(began)
    rates.push((customers.length / (user + system)) * 1_000_000)
    if (relived.some(({ outcomes }) => outcomes[0]?.is !== 'completed'))
      throw new Error(`${name}: a customer did not come to the end`)
  }
  process.stdout.write(`${name}: ${rates.map((rate) => rounded(rate, 0)).join(', ')} customers a second\n`)
  return rounded(median(rates), 0)
}

const referenceCustomers: readonly Recorded[] = Array.from({ length: CUSTOMERS }, (_, number) => {
  const customerId = `customer-${number}`
  const email = { email: `${customerId}@example.com`, timezone: 'Europe/Berlin' }
  const event = (kind: 'identify' | 'enroll' | 'track', name: string, properties: object, at: number) => ({
    messageId: `${customerId}-${at}`,
    kind,
    customerId,
    name,
    properties: properties as Record<string, unknown>,
    occurredAt: at,
  })
  return {
    customerId,
    events: [
      event('identify', '', email, START),
      event('enroll', 'reference', {}, START + 1),
      event('track', 'Project Created', {}, START + DAY_MS),
    ],
  }
})

/** Each begins a trial; every second makes a project and uses a feature. */
const lines = (): string[] =>
  Array.from({ length: CUSTOMERS }, (_, number) => {
    const userId = `customer-${number}`
    const line = (type: string, afterDays: number, more: object): string => {
      const timestamp = new Date(START + afterDays * DAY_MS).toISOString()
      return JSON.stringify({ type, userId, timestamp, messageId: `${userId}-${afterDays}`, ...more })
    }
    const begun = [
      line('identify', 0, { traits: { email: `${userId}@example.com`, timezone: 'Europe/Berlin' } }),
      line('track', 0.1, { event: 'Trial Started', properties: { plan: 'team' } }),
    ]
    const keen = [
      line('track', 1, { event: 'Project Created', properties: { name: 'First' } }),
      line('track', 4, { event: 'Feature Used', properties: { feature: 'export' } }),
    ]
    return number % 2 === 0 ? begun : [...begun, ...keen]
  }).flat()
