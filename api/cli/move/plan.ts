import { readFileSync } from 'node:fs'
import { type ApiClient, itemsOf } from '../client'
import { paced } from '../paced'
import { Refused } from '../refused'
import type { Planned } from './undo-file'

/** Whom a move is about: all of these must hold; of customers, one. */
export interface Where {
  readonly stage?: string
  readonly step?: string
  readonly status?: string
  readonly build?: string
  readonly customers?: readonly string[]
}

const names = ['stage', 'step', 'status', 'build', 'customer', 'customers'] as const

/** `step=habit`, `customers=@file`. Throws RangeError with a sentence. */
export function whereOf(conditions: readonly string[]): Where {
  const where: Record<string, string> = {}
  const customers: string[] = []
  for (const condition of conditions) {
    const [, name = '', value = ''] = /^(\w+)=(.+)$/s.exec(condition) ?? []
    if (!names.some((each) => each === name))
      throw new RangeError(
        `--where takes name=value, the name one of ${names.join(', ')}; not "${condition}"`,
      )
    if (Object.hasOwn(where, name)) throw new RangeError(`--where takes one ${name}; there are two`)
    if (name === 'customer') customers.push(value)
    else if (name === 'customers') customers.push(...listIn(value))
    else where[name] = value
  }
  return { ...where, ...(customers.length > 0 && { customers }) }
}

/** `@file`: a customer a line; else separated by commas. */
function listIn(value: string): string[] {
  const text = value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value.replaceAll(',', '\n')
  return text.split('\n').map((line) => line.trim()).filter(Boolean) // prettier-ignore
}

interface Listed {
  readonly id: string
  readonly status: string
  readonly step: string | null
  readonly customerId: string
}

interface Detail {
  readonly entry: number
  readonly stage: string | null
  readonly status: string
}

export interface Plan {
  readonly planned: readonly Planned[]
  /** How many of those asked for are in the stage already. */
  readonly there: number
}

/** Asks every enrollment that is meant where it is. Rejects with Refused, or CallFailed. */
export async function planOf(api: ApiClient, journey: string, toStage: string, where: Where): Promise<Plan> {
  await checkStage(api, journey, toStage)
  const planned: Planned[] = []
  let there = 0
  await paced(await listed(api, journey, where), Infinity, async ({ id }) => {
    const { entry, stage, status } = (await api.get(`/v1/enrollments/${encodeURIComponent(id)}`)) as Detail
    if (status === 'ended' || stage === null || (where.stage !== undefined && where.stage !== stage)) return
    if (stage === toStage) there += 1
    else planned.push({ id, entry, from: stage })
  })
  return { planned, there }
}

async function checkStage(api: ApiClient, journey: string, toStage: string): Promise<void> {
  const { stages } = (await api.get(`/v1/journeys/${encodeURIComponent(journey)}`)) as { stages: string[] }
  if (stages.length < 2) throw new Refused(`${journey} has no stages to move between.`)
  if (!stages.includes(toStage))
    throw new Refused(`${journey} has no stage "${toStage}"; its stages are ${stages.join(', ')}.`)
}

async function listed(
  api: ApiClient,
  journey: string,
  { step, status, build, customers }: Where,
): Promise<Listed[]> {
  const given = { journey, step, status, build }
  const query = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const found: Listed[] = []
  for (const customer of customers ?? [undefined]) {
    const whose = customer === undefined ? query : { ...query, customerId: customer }
    for await (const one of itemsOf<Listed>(api, '/v1/enrollments', whose))
      if (one.status !== 'ended') found.push(one)
  }
  return found
}
