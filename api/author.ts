import type { Call } from './route'

/** Who gives an order: never only what the caller claims. */
export function authorOf({ body, key }: Call<unknown, unknown, { readonly by?: string | null }>): string {
  const name = key?.name ?? 'nobody'
  return body.by ? `${body.by} (key ${name})` : name
}
