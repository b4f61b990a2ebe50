import { createHash } from 'node:crypto'
import type { Fate, Judge, TouchpointStatus } from '../../store'
import { describeOnBoth, fresh } from './on-both'
import { entryOf, letAll, refuseAll as refuse, touchpointOf } from './requests'

const LONG = 60_000
describeOnBoth('touchpoints', (on) => {
  const reserve = (request: ReturnType<typeof touchpointOf>, leaseMs = LONG, judge = letAll) =>
    on.store.touchpoints.reserve(request, leaseMs, judge)
  const settle = (id: string, fate: Fate) => on.store.touchpoints.settle(id, fate)

  test('are reserved, sent, and found again', async () => {
    const request = touchpointOf(fresh('anna'))
    expect(await reserve(request)).toEqual({ is: 'reserved', attempt: 1, recordedAt: expect.any(Number) })
    const { provider, ...asked } = request
    const row = {
      ...asked,
      ref: createHash('sha256').update(request.id).digest().subarray(0, 16).toString('base64url'),
      status: 'sending',
      because: null,
      topic: null,
      priority: 1,
      heldUntil: null,
      expiresAt: null,
      provider,
      providerMessageId: null,
      attempts: 1,
      verdicts: [{ rule: 'test', allows: true, because: 'it may' }],
      recordedAt: expect.any(Number),
    }
    expect(await on.store.touchpoints.get(request.id)).toEqual(row)
    const sent = { ...row, status: 'sent', providerMessageId: '<1@x>' }
    expect(await settle(request.id, { status: 'sent', providerMessageId: '<1@x>' })).toEqual(sent)
    expect(await reserve(request)).toEqual({ is: 'settled', touchpoint: sent })
    expect(await on.store.touchpoints.byRef(row.ref)).toEqual(sent)
    expect(await on.store.touchpoints.byRef('none')).toBeUndefined()
    expect(await on.store.touchpoints.ofEnrollment(request.enrollmentId, 1)).toEqual([sent])
    expect(await on.store.touchpoints.latest(1)).toEqual([sent])
  })

  test('of one id, in a storm, are reserved once', async () => {
    const other = await on.another()
    const request = touchpointOf(fresh('bert'))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        (at % 2 ? on.store : other).touchpoints.reserve(request, LONG, letAll),
      ),
    )
    expect(answers.filter(({ is }) => is === 'reserved')).toHaveLength(1)
    const busy = answers.filter((answer) => answer.is === 'busy')
    expect(busy).toHaveLength(49)
    for (const { retryMs } of busy) expect(retryMs).toBe(5_000)
  })

  test('are busy no longer than their lease', async () => {
    const request = touchpointOf(fresh('bea'))
    await reserve(request, 4_000)
    const answer = await reserve(request)
    // On a machine that stood still meanwhile it may have run out.
    expect(['busy', 'interrupted']).toContain(answer.is)
    if (answer.is === 'busy') expect(answer.retryMs).toBeLessThanOrEqual(4_000)
  })

  test('whose attempt never ended are told as interrupted, to one', async () => {
    const request = touchpointOf(fresh('cora'))
    await reserve(request, 0)
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserve(request)))
    expect(answers.filter(({ is }) => is === 'interrupted')).toMatchObject([
      { is: 'interrupted', attempt: 2 },
    ])
    expect(answers.filter(({ is }) => is === 'busy')).toHaveLength(9)
    expect(await on.store.touchpoints.get(request.id)).toMatchObject({ status: 'sending', attempts: 2 })
  })

  test('handed back are reserved again, and judged again', async () => {
    const [first, second] = [touchpointOf(fresh('dora')), touchpointOf(fresh('dora'))]
    for (const { id } of [await reserved(first), await reserved(second)]) {
      expect(await settle(id, { status: 'retrying', because: '421 later' })).toMatchObject({
        status: 'retrying',
        because: '421 later',
      })
    }
    expect(await reserve(first)).toEqual({ is: 'reserved', attempt: 2, recordedAt: expect.any(Number) })
    expect(await on.store.touchpoints.get(first.id)).toMatchObject({
      status: 'sending',
      because: null,
      attempts: 2,
    })
    expect(await reserve(second, LONG, refuse)).toMatchObject({
      is: 'settled',
      touchpoint: { status: 'withheld', because: 'unsubscribed', attempts: 1 },
    })
  })

  const reserved = async (request: ReturnType<typeof touchpointOf>) => {
    await reserve(request)
    return request
  }

  test('that the judge refuses are withheld for good, with its verdicts', async () => {
    const request = touchpointOf(fresh('emil'))
    const answer = await reserve(request, LONG, refuse)
    expect(answer).toMatchObject({
      is: 'settled',
      touchpoint: {
        status: 'withheld',
        because: 'unsubscribed',
        attempts: 0,
        verdicts: [{ rule: 'consent', allows: false, because: 'withdrawn on 1 May' }],
      },
    })
    expect(await reserve(request)).toEqual(answer)
    expect(await settle(request.id, { status: 'sent' })).toMatchObject({ status: 'withheld' })
  })

  test('leave nothing behind when the judge throws', async () => {
    const request = touchpointOf(fresh('frida'))
    const broken: Judge = () => {
      throw new Error('no rules today')
    }
    await expect(reserve(request, LONG, broken)).rejects.toThrow('no rules today')
    expect(await on.store.touchpoints.get(request.id)).toBeUndefined()
    expect(await reserve(request)).toMatchObject({ is: 'reserved' })
  })

  test('are judged by the profile and the newest consents of the customer', async () => {
    const customer = fresh('gerd')
    const { customers, consents } = on.store
    const facts: unknown[] = []
    const look: Judge = (contact) => (facts.push(contact), letAll(contact, undefined))
    await reserve(touchpointOf(customer), LONG, look)
    await customers.identify(customer, { email: 'g@example.com' }, 1)
    const word = { customerId: customer, channel: 'email', purpose: 'marketing', source: 'api' } as const
    await consents.record({ ...word, state: 'withdrawn', occurredAt: 3 })
    await consents.record({ ...word, state: 'granted', occurredAt: 2 })
    await consents.record({ ...word, purpose: 'product-news', state: 'granted', occurredAt: 9 })
    await consents.record({ ...word, channel: 'webhook', state: 'granted', occurredAt: 9 })
    await reserve(touchpointOf(customer), LONG, look)
    await consents.record({ ...word, state: 'granted', occurredAt: 3 })
    await reserve(touchpointOf(customer), LONG, look)
    expect(facts).toMatchObject([
      { customer: undefined, consents: [] },
      {
        customer: { id: customer, traits: { email: 'g@example.com' } },
        consents: [
          { channel: 'email', purpose: 'marketing', state: 'withdrawn', occurredAt: 3 },
          { channel: 'email', purpose: 'product-news', state: 'granted', occurredAt: 9 },
          { channel: 'webhook', purpose: 'marketing', state: 'granted', occurredAt: 9 },
        ],
      },
      { consents: [{ purpose: 'marketing', state: 'granted', occurredAt: 3 }, {}, {}] },
    ])
    expect(
      (await consents.history(customer, { limit: 50 })).items.map(({ state, occurredAt }) => [
        state,
        occurredAt,
      ]),
    ).toEqual([
      ['granted', 9],
      ['granted', 9],
      ['granted', 3],
      ['withdrawn', 3],
      ['granted', 2],
    ])
  })

  const fates = ['sent', 'failed', 'unknown', 'retrying'] as const
  const final: Record<(typeof fates)[number], Record<(typeof fates)[number], TouchpointStatus>> = {
    sent: { sent: 'sent', failed: 'sent', unknown: 'sent', retrying: 'sent' },
    failed: { sent: 'failed', failed: 'failed', unknown: 'failed', retrying: 'failed' },
    unknown: { sent: 'sent', failed: 'failed', unknown: 'unknown', retrying: 'unknown' },
    retrying: { sent: 'sent', failed: 'failed', unknown: 'unknown', retrying: 'retrying' },
  }
  test.each(fates)('%s may later become only what was learnt about it', async (first) => {
    for (const then of fates) {
      const { id } = await reserved(touchpointOf(fresh('hugo')))
      await settle(id, { status: first, because: 'first', providerMessageId: 'one' })
      const row = await settle(id, { status: then, because: 'then' })
      expect(row).toMatchObject({ status: final[first][then] })
      expect(row).toEqual(await on.store.touchpoints.get(id))
      if (first !== 'retrying') expect(row.providerMessageId).toBe('one')
    }
  })

  test('cannot be settled unreserved', async () => {
    await expect(settle('none', { status: 'sent' })).rejects.toThrow('no such touchpoint')
    await expect(settle('none', { status: 'retrying' })).rejects.toThrow('no such touchpoint')
  })

  test('not yet handed over are withdrawn when the enrollment ends, and none begins after', async () => {
    const customer = fresh('ida')
    const { enrollments, touchpoints } = on.store
    const { enrollment } = await enrollments.enter(entryOf(customer))
    const { id: enrollmentId, entry, journey } = enrollment
    const [retrying, sending, sent, late] = Array.from({ length: 4 }, () =>
      touchpointOf(customer, { enrollmentId }),
    )
    for (const each of [retrying!, sending!, sent!]) await reserve(each)
    await settle(retrying!.id, { status: 'retrying' })
    await settle(sent!.id, { status: 'sent' })
    await enrollments.end({
      id: enrollmentId,
      entry,
      journey,
      customerId: customer,
      outcome: { is: 'completed' },
      endedAt: 1,
    })

    const withdrawn = { status: 'withheld', because: 'withdrawn' }
    expect(await touchpoints.get(retrying!.id)).toMatchObject(withdrawn)
    expect(await touchpoints.get(sending!.id)).toMatchObject({ status: 'sending' })
    expect(await touchpoints.get(sent!.id)).toMatchObject({ status: 'sent' })
    expect(await reserve(retrying!)).toMatchObject({ is: 'settled', touchpoint: withdrawn })
    expect(await reserve(late!)).toMatchObject({ is: 'settled', touchpoint: withdrawn })
    expect(await settle(retrying!.id, { status: 'sent' })).toMatchObject(withdrawn)
    expect(await settle(sending!.id, { status: 'retrying' })).toMatchObject(withdrawn)
    const other = touchpointOf(customer, { enrollmentId, entry: 2 })
    expect(await reserve(other)).toMatchObject({ is: 'reserved' })
  })

  test('and an end at the same moment agree', async () => {
    for (let round = 0; round < 10; round++) {
      const customer = fresh('jo')
      const { enrollment } = await on.store.enrollments.enter(entryOf(customer))
      const { id: enrollmentId, entry, journey } = enrollment
      const request = touchpointOf(customer, { enrollmentId })
      const attempt = async () => {
        if ((await reserve(request)).is === 'reserved') await settle(request.id, { status: 'retrying' })
      }
      const ended = {
        id: enrollmentId,
        entry,
        journey,
        customerId: customer,
        outcome: { is: 'completed' },
        endedAt: 1,
      } as const
      await Promise.all([attempt(), on.store.enrollments.end(ended)])
      expect(await on.store.touchpoints.get(request.id)).toMatchObject({
        status: 'withheld',
        because: 'withdrawn',
      })
    }
  })

  test('are listed newest first, page by page', async () => {
    const customer = fresh('kai')
    const ids: string[] = []
    for (let at = 0; at < 7; at++) ids.push((await reserved(touchpointOf(customer))).id)
    const seen: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await on.store.touchpoints.ofCustomer(customer, { limit: 3, cursor })
      seen.push(...page.items.map(({ id }) => id))
      if (page.next === null) break
      cursor = page.next
    }
    expect([...seen].sort()).toEqual([...ids].sort())
    const times = (await on.store.touchpoints.ofCustomer(customer, { limit: 7 })).items.map(
      ({ recordedAt }) => recordedAt,
    )
    expect(times).toEqual([...times].sort((one, other) => other - one))
    await expect(on.store.touchpoints.ofCustomer(customer, { limit: 3, cursor: 'WzFd' })).rejects.toThrow(
      RangeError,
    )
  })
})
