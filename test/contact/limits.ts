import type { Limits } from '../../sdk/contact'
import { openStore } from '../../store'

/** Makes these the limits of a database, in place of those that hold. */
export async function changeLimits(url: string, limits: Limits): Promise<void> {
  const store = await openStore({ url })
  const author = { key: 'test', by: null }
  await store.limits
    .change({ limits, author, because: 'a test asks for them', approval: false })
    .finally(() => store.close())
}
