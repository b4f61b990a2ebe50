import { formatLocal, isZone } from '../../sdk/time'
import { type ApiClient, itemsOf } from './client'

interface Told {
  readonly journey: string
  readonly step: string
  readonly channel: string
  readonly message: string
  readonly category: string
  readonly topic: string | null
  readonly status: string
  readonly because: string | null
  readonly heldUntil: string | null
  readonly expiresAt: string | null
  readonly at: string
  readonly attempts: number
  readonly verdicts: readonly Said[]
}

interface Said {
  readonly rule: string
  readonly allows: boolean
  readonly because: string
  readonly until?: string
}

export interface Asked {
  readonly step?: string
  readonly journey?: string
  readonly limit: number
}

/** Why a customer was contacted, and why not: a paragraph for each touchpoint, newest first, times by the customer's clock. */
export async function why(api: ApiClient, customer: string, asked: Asked): Promise<string> {
  const path = `/v1/customers/${encodeURIComponent(customer)}`
  const { traits, clock } = (await api.get(path)) as {
    traits: Record<string, unknown>
    clock: { now: string }
  }
  const named = traits.timezone
  const zone = typeof named === 'string' && isZone(named) ? named : 'UTC'
  const local = (iso: string): string => formatLocal(Date.parse(iso), zone, Date.parse(clock.now))
  const touchpoints = await touchpointsOf(api, `${path}/touchpoints`, asked)
  if (touchpoints.length === 0) return `Nothing was ever to be sent to ${customer}, as far as asked.`
  return touchpoints.map((each) => paragraph(each, local)).join('\n\n')
}

async function touchpointsOf(api: ApiClient, path: string, { step, journey, limit }: Asked): Promise<Told[]> {
  const found: Told[] = []
  for await (const told of itemsOf<Told>(api, path)) {
    if ((step ?? told.step) === told.step && (journey ?? told.journey) === told.journey) found.push(told)
    if (found.length === limit) break
  }
  return found
}

type Local = (iso: string) => string

function paragraph(told: Told, local: Local): string {
  const about = told.topic === null ? told.category : `${told.category}, on ${told.topic}`
  const what = `${told.step} of ${told.journey}, ${told.message} by ${told.channel} (${about})`
  return [
    `${local(told.at)}: ${what}`,
    `  ${fate(told, local)}`,
    ...told.verdicts.map((said) => `  ${line(said, local)}`),
  ].join('\n')
}

function fate({ status, because, heldUntil, expiresAt, attempts }: Told, local: Local): string {
  switch (status) {
    case 'sent':
      return attempts > 1
        ? `It was sent, at the ${attempts}th attempt, since every rule allowed it.`
        : 'It was sent, since every rule allowed it.'
    case 'withheld':
      return `It was withheld: ${because}.`
    case 'held':
      return `It is held (${because})${heldUntil ? ` until ${local(heldUntil)}` : ''}${expiresAt ? `, and given up after ${local(expiresAt)}` : ''}.`
    case 'proposed':
      return 'It waits a moment for others that may be worth more.'
    case 'retrying':
      return `It is allowed, and the provider is asked again: ${because}.`
    case 'sending':
      return 'It is being handed to the provider.'
    case 'failed':
      return `Every rule allowed it, and it failed: ${because}.`
    default:
      return `Every rule allowed it; whether it arrived is not known, so it is not repeated: ${because}.`
  }
}

const line = ({ rule, allows, because, until }: Said, local: Local): string =>
  `${allows ? '+' : '-'} ${rule}: ${because}${until ? `; until ${local(until)}` : ''}`
