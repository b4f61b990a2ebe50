import { describe } from '../../../sdk/condition'
import { listOf } from '../../../sdk/definition'
import type { Rehearsable } from '../../../sdk/testing'
import { type ApiClient, CallFailed } from '../client'

interface Entry {
  readonly name: string
  readonly conditions: Readonly<Record<string, unknown>>
}

/** What is said where another event enrolls into the version of this folder than into the one that runs. Rejects with CallFailed. */
export async function entryChange(
  api: ApiClient,
  journey: string,
  { definition }: Rehearsable,
): Promise<string | undefined> {
  const running = await api.get(`/v1/journeys/${encodeURIComponent(journey)}`).catch(unlessUnknown)
  if (!running) return undefined
  const here = inWords(listOf(definition.enrollOn))
  const there = inWords((running as { enrollOn: readonly Entry[] }).enrollOn)
  if (here === there) return undefined
  return `the version here enrolls on ${here}, the one that runs on ${there}: who would enter by the one here alone is not followed`
}

function unlessUnknown(error: unknown): undefined {
  if (!(error instanceof CallFailed && error.code === 'not-found')) throw error
}

const inWords = (entries: readonly Entry[]): string =>
  entries
    .map(({ name, conditions }) => [name, describe(conditions)].filter(Boolean).join(' where '))
    .sort()
    .join(' or ') || 'nothing'
