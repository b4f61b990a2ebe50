import { Refused } from './refused'

/** The API did not do it; the message says why and what to do next. */
export class CallFailed extends Refused {
  override readonly name = 'CallFailed'
}

export interface ApiClient {
  /** The JSON of the answer. Rejects with CallFailed. */
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>
}

/** The HTTP API as the command line uses it. */
export const apiClient = (url: string, key: string): ApiClient => ({
  async get(path, query = {}) {
    const target = new URL(`${url.replace(/\/+$/, '')}${path}`)
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
    const response = await reached(target, key)
    const body: unknown = await response.json().catch(() => undefined)
    if (!response.ok) throw new CallFailed(wordsOf(response.status, body))
    return body
  },
})

async function reached(target: URL, key: string): Promise<Response> {
  try {
    return await fetch(target, { headers: { authorization: `Bearer ${key}` } })
  } catch (error) {
    const { cause } = error as { cause?: Error }
    throw new CallFailed(
      `The API at ${target.origin} cannot be reached (${cause?.message ?? 'no answer'}). Is it running? --url names another.`,
    )
  }
}

function wordsOf(status: number, body: unknown): string {
  const { detail, next } = (body ?? {}) as { detail?: string; next?: string }
  return [detail ?? `The API answered ${status}.`, next].filter(Boolean).join(' ')
}
