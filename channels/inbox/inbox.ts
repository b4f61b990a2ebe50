import type { Outgoing, Provider } from '../channel'

/** Where items are kept: the store. */
export interface InboxSettings {
  put(
    ref: string,
    content: { readonly title: string; readonly text: string; readonly link?: string },
    keepMs: number,
  ): Promise<void>
}

const KEPT_MS = 30 * 24 * 60 * 60_000

/** Messages that the customer's own app shows. The same one is kept once, so an interrupted attempt is repeated. */
export const inbox = (shelf: InboxSettings): Provider => ({
  name: 'inbox',
  channel: 'inbox',
  idempotent: true,
  address: ({ id }) => id,
  async send({ ref, content }: Outgoing) {
    const { title = '', text = '', link, keepMs = KEPT_MS } = content
    try {
      await shelf.put(ref, { title, text, link }, keepMs)
      return { is: 'accepted', providerMessageId: ref }
    } catch {
      return { is: 'busy', because: 'the inbox could not be written' }
    }
  },
})
