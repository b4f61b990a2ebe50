import { Refused } from './refused'

/** The API did not do it; the message says why and what to do next. */
export class CallFailed extends Refused {
  override readonly name = 'CallFailed'

  constructor(
    message: string,
    /** Of the problem; undefined where nobody answered in that form. */
    readonly code?: string,
    /** What the API said, without what to do next. */
    readonly detail = message,
  ) {
    super(message)
  }
}

type Query = Readonly<Record<string, string>>

export interface ApiClient {
  /** The JSON of the answer. Rejects with CallFailed. */
  get(path: string, query?: Query): Promise<unknown>
  /** An answer that is text. Rejects with CallFailed. */
  text(path: string, query?: Query): Promise<string>
  /** The JSON of the answer; with the key of an order it is carried out once, however often it is sent. Rejects with CallFailed. */
  post(path: string, body: object, idempotencyKey?: string): Promise<unknown>
}

/** The HTTP API as the command line uses it. */
export function apiClient(url: string, key: string): ApiClient {
  const authorization = `Bearer ${key}`
  const answer = async (path: string, query: Query, init: RequestInit): Promise<Response> => {
    const target = new URL(`${url.replace(/\/+$/, '')}${path}`)
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
    const response = await reached(target, { ...init, headers: { authorization, ...init.headers } })
    if (response.ok) return response
    throw failed(response.status, await response.json().catch(() => undefined))
  }
  return {
    get: async (path, query = {}) => (await answer(path, query, {})).json(),
    text: async (path, query = {}) => (await answer(path, query, {})).text(),
    post: async (path, body, idempotencyKey) => (await answer(path, {}, posted(body, idempotencyKey))).json(),
  }
}

const posted = (body: object, idempotencyKey: string | undefined): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: {
    'content-type': 'application/json',
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  },
})

async function reached(target: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, init)
  } catch (error) {
    const { cause } = error as { cause?: Error }
    throw new CallFailed(
      `The API at ${target.origin} cannot be reached (${cause?.message ?? 'no answer'}). Is it running? --url names another.`,
    )
  }
}

function failed(status: number, body: unknown): CallFailed {
  const { detail, next, code } = (body ?? {}) as { detail?: string; next?: string; code?: string }
  const said = detail ?? `The API answered ${status}.`
  return new CallFailed([said, next].filter(Boolean).join(' '), code, said)
}

/** All items of a list, page after page. */
export async function* itemsOf<Item>(api: ApiClient, path: string, query: Query = {}): AsyncGenerator<Item> {
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = (await api.get(path, { ...query, limit: '200', ...(cursor && { cursor }) })) as {
      items: Item[]
      next: string | null
    }
    yield* page.items
    cursor = page.next
  }
}
