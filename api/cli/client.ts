import { Refused } from './refused'

/** The API did not do it; the message says why and what to do next. */
export class CallFailed extends Refused {
  override readonly name = 'CallFailed'

  constructor(
    message: string,
    /** Undefined when it was not reached. */
    readonly status?: number,
  ) {
    super(message)
  }
}

export interface ApiClient {
  /** The JSON of the answer. Rejects with CallFailed. */
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>
  /** An answer that is text. Rejects with CallFailed. */
  text(path: string, query?: Readonly<Record<string, string>>): Promise<string>
}

/** The HTTP API as the command line uses it. */
export function apiClient(url: string, key: string): ApiClient {
  const answer = async (path: string, query: Readonly<Record<string, string>>): Promise<Response> => {
    const target = new URL(`${url.replace(/\/+$/, '')}${path}`)
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
    const response = await reached(target, key)
    if (response.ok) return response
    throw new CallFailed(
      wordsOf(response.status, await response.json().catch(() => undefined)),
      response.status,
    )
  }
  return {
    get: async (path, query = {}) => (await answer(path, query)).json(),
    text: async (path, query = {}) => (await answer(path, query)).text(),
  }
}

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
