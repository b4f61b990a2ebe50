import type { KeptReceipt, Receipt } from '../../sdk'
import { suppressionKey } from '../../store'
import type { Fate, TouchpointRow } from '../../store/store'
import { describeOnBoth, fresh } from './on-both'
import { touchpointOf } from './requests'

describeOnBoth('receipts', (on) => {
  const reached = async (fate?: Fate, address?: string): Promise<TouchpointRow> => {
    const request = { ...touchpointOf(fresh('anna')), provider: 'carrier' }
    await on.store.touchpoints.reserve(request, 60_000, () => ({
      judgment: { is: 'allowed', verdicts: [] },
      priority: 1,
      address,
    }))
    if (fate) await on.store.touchpoints.settle(request.id, fate)
    return (await on.store.touchpoints.get(request.id))!
  }
  const kept = (id: string, kind: KeptReceipt['kind'] = 'delivered'): KeptReceipt => ({ id, kind, at: 1 })
  const said = (id: string, more: Partial<Receipt> = {}): Receipt => ({
    id,
    kind: 'delivered',
    at: 1,
    ...more,
  })
  const eventsOf = async (customerId: string) =>
    (await on.store.events.ofCustomer(customerId, { limit: 50 })).items.map(({ messageId }) => messageId)

  test.each<[string, Fate | undefined, KeptReceipt['kind'], string]>([
    ['sending', undefined, 'delivered', 'sent'],
    ['retrying', { status: 'retrying', because: 'busy' }, 'bounced', 'sent'],
    ['unknown', { status: 'unknown', because: 'lost' }, 'opened', 'sent'],
    ['unknown', { status: 'unknown', because: 'lost' }, 'replied', 'unknown'],
    ['failed', { status: 'failed', because: 'no' }, 'delivered', 'failed'],
  ])('%s: one that says %s leaves it %s', async (_, fate, kind, status) => {
    const { id } = await reached(fate)
    const row = await on.store.receipts.note(id, kept('one', kind), 'm-1')
    expect(row).toMatchObject({ status, receipts: [{ id: 'one', kind }] })
    expect(row!.because).toBe(status === 'sent' ? null : (fate?.because ?? null))
    expect(row!.providerMessageId).toBe(status === 'sent' ? 'm-1' : null)
  })

  test('are noted once each, the newest fifty', async () => {
    const { id } = await reached({ status: 'sent', providerMessageId: 'm' })
    for (let nth = 0; nth < 60; nth++) await on.store.receipts.note(id, kept(`r-${nth}`, 'opened'))
    const row = await on.store.receipts.note(id, kept('r-59', 'opened'))
    expect(row!.receipts).toHaveLength(50)
    expect([row!.receipts[0]!.id, row!.receipts.at(-1)!.id]).toEqual(['r-10', 'r-59'])
    expect(await on.store.receipts.note('no such touchpoint', kept('x'))).toBeUndefined()
  })

  test('of the same provider’s message only, and of a merged customer for whom they are now', async () => {
    const row = await reached({ status: 'sent', providerMessageId: 'm-merged' })
    const heir = fresh('heir')
    await on.store.customers.merge(row.customerId, heir)
    expect(
      (await on.store.receipts.accept('another', [said('1', { providerMessageId: 'm-merged' })])).customerIds,
    ).toEqual([])
    const { added, customerIds } = await on.store.receipts.accept('carrier', [
      said('1', { providerMessageId: 'm-merged' }),
    ])
    expect([added, customerIds]).toEqual([1, [heir]])
    expect(await eventsOf(heir)).toEqual(['receipt:carrier:1'])
  })

  test('kept for their message are placed once, by however many dispatchers', async () => {
    const strays = Array.from({ length: 40 }, (_, nth) =>
      said(`stray-${nth}`, { providerMessageId: 'm-late' }),
    )
    expect((await on.store.receipts.accept('carrier', strays)).added).toBe(40)
    expect((await on.store.receipts.accept('carrier', strays)).added).toBe(0)
    const row = await reached({ status: 'sent', providerMessageId: 'm-late' })
    const other = await on.another()
    const placed = await Promise.all(
      [on.store, other, on.store, other].map((store) => store.receipts.place(200)),
    )
    expect(placed.reduce((sum, each) => sum + each)).toBe(40)
    expect(new Set(await eventsOf(row.customerId)).size).toBe(40)
    expect((await on.store.receipts.accept('carrier', strays)).added).toBe(0)
  })

  test('texts that no database holds, and ids of any length', async () => {
    const key = suppressionKey('sms', '+4930123456')
    const row = await reached({ status: 'sent' }, key)
    const odd = said(`${'x'.repeat(10_000)}`, { kind: 'replied', text: 'a\0b\ud800', ref: row.ref })
    expect((await on.store.receipts.accept('carrier', [odd, said('2', { ref: '\0' })])).added).toBe(2)
    expect(await eventsOf(row.customerId)).toEqual([`receipt:carrier:${'x'.repeat(200)}`])
  })
})
