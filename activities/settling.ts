import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '../channels'
import type { Delivery, WithheldBecause } from '../sdk'
import type { Fate, TouchpointRow } from '../store/store'

/** What the provider's answer means for the ledger. */
export function fateOf(answer: Answer): Fate {
  switch (answer.is) {
    case 'accepted':
      return { status: 'sent', providerMessageId: answer.providerMessageId }
    case 'refused':
      return { status: 'failed', because: answer.because }
    case 'busy':
      return { status: 'retrying', because: answer.because }
    case 'unknown':
      return { status: 'unknown', because: answer.because }
  }
}

/** A settled row in the journey's words. */
export function deliveryOf(row: TouchpointRow): Delivery {
  const touchpoint = row.id
  const because = row.because ?? 'no reason was recorded'
  switch (row.status) {
    case 'sent':
      return { is: 'sent', touchpoint, at: new Date(row.at).toISOString() }
    case 'withheld':
      return { is: 'withheld', touchpoint, because: because as WithheldBecause }
    case 'failed':
      return { is: 'failed', touchpoint, because }
    default:
      return { is: 'unknown', touchpoint, because }
  }
}

const WAITS_MS = [100, 500, 2_000, 5_000]

/**
 * Tries for some seconds. The provider has spoken by now, and its word is lost with this process: what a short absence of
 * the database would otherwise turn into `unknown`.
 */
export async function insistently<Value>(record: () => Promise<Value>): Promise<Value> {
  for (const wait of WAITS_MS) {
    try {
      return await record()
    } catch {
      await pause(wait)
    }
  }
  return record()
}
