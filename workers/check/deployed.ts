import type { JourneyGraph } from '../../sdk'

/** The graphs of the build that runs, as its API shows them. Rejects with a sentence when it does not answer. */
export async function deployedGraphs(
  url: string,
  key: string,
): Promise<Map<string, JourneyGraph | undefined>> {
  const found = new Map<string, JourneyGraph | undefined>()
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await answer(url, `/v1/journeys?limit=100${query}`, key)) as Page
    for (const { name } of page.items) found.set(name, await graphOf(url, name, key))
    cursor = page.next
  }
  return found
}

/** Reads customers' traits from the API; undefined for whom it does not know. */
export const traitsAt =
  (url: string, key: string) =>
  async (customerId: string): Promise<Record<string, unknown> | undefined> => {
    const customer = await answer(url, `/v1/customers/${encodeURIComponent(customerId)}`, key, 404)
    return (customer as { traits: Record<string, unknown> } | undefined)?.traits
  }

interface Page {
  readonly items: readonly { readonly name: string }[]
  readonly next: string | null
}

/** A build of before there were graphs has none. */
async function graphOf(url: string, name: string, key: string): Promise<JourneyGraph | undefined> {
  const drawn = await answer(url, `/v1/journeys/${encodeURIComponent(name)}/graph?format=json`, key, 404)
  return drawn as JourneyGraph | undefined
}

async function answer(url: string, path: string, key: string, none?: number): Promise<unknown> {
  const base = url.replace(/\/+$/, '')
  const response = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${key}` } }).catch(
    () => {
      throw new Error(`the API at ${base} cannot be reached; --url names another`)
    },
  )
  if (response.status === none) return undefined
  if (!response.ok) throw new Error(`the API answered ${response.status} to ${path}`)
  return response.json()
}
