import type { ReceiptFact } from '../../sdk/receipt'
import type { NewConsent, Store, StoredEvent, Suppression, TouchpointRow } from '../../store/store'

/**
 * Notes a receipt at its touchpoint, and does what it asks for before any journey hears of it: an address that is dead or whose
 * owner complained is suppressed, a word on consent kept. Resolves with whether journeys may hear of it. Nothing makes a
 * customer who was deleted known again.
 */
export async function noted(store: Store, event: StoredEvent, customerId: string): Promise<boolean> {
  const fact = event.properties as unknown as ReceiptFact
  const { kind, hard, machine, because, receipt, touchpoint } = fact
  const kept = { id: receipt, kind, at: event.occurredAt, hard, machine, because }
  const row = await store.receipts.note(touchpoint, kept, fact.providerMessageId)
  const isKnown = (await store.customers.get(customerId)) !== undefined
  if (kind === 'bounced' && hard) await suppress(store, row, 'hard-bounce', fact)
  if (kind === 'complained') await suppress(store, row, 'complaint', fact)
  if (kind === 'unsubscribed' && !isKnown) await suppress(store, row, 'manual', fact)
  if (!isKnown) return false
  if (kind === 'unsubscribed' && !fact.kept) await consent(store, event, customerId, 'withdrawn')
  if (kind === 'resubscribed') await consent(store, event, customerId, 'granted')
  return kind !== 'asked-help'
}

async function suppress(
  store: Store,
  row: TouchpointRow | undefined,
  reason: Suppression['reason'],
  { provider, because }: ReceiptFact,
): Promise<void> {
  if (row?.address) await store.suppressions.suppress(row.address, { reason, source: provider, because })
}

/** The customer's word on all marketing by the channel, once for each receipt. */
async function consent(
  store: Store,
  event: StoredEvent,
  customerId: string,
  state: NewConsent['state'],
): Promise<void> {
  const { channel, provider, touchpoint } = event.properties as unknown as ReceiptFact
  const words = await store.consents.current(customerId)
  if (words.some(({ proof }) => proof?.receipt === event.messageId)) return
  // What was on record when it came in was said before, also by senders whose clocks are ahead.
  const earlier = words.filter((word) => word.channel === channel && word.recordedAt < event.receivedAt)
  const occurredAt = Math.max(event.occurredAt, ...earlier.map((word) => word.occurredAt + 1))
  await store.consents.record({
    customerId,
    channel,
    purpose: 'marketing',
    state,
    ...(state === 'granted' && { basis: 'consent' }),
    source: provider,
    occurredAt,
    proof: { receipt: event.messageId, touchpoint },
  })
}
