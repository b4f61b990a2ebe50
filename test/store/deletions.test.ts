import { BeingDeleted, type StoredEvent } from '../../store'
import { describeOnBoth, fresh } from './on-both'
import { entryOf, letAll, touchpointOf } from './requests'

describeOnBoth('deletions', (on) => {
  const MINUTE = 60_000

  /** The event that has the deletion done, as a dispatcher reads it. */
  async function eventOf(id: string): Promise<StoredEvent> {
    const { items } = await on.store.events.ofCustomer(id, { limit: 1 })
    expect(items[0]).toMatchObject({ kind: 'delete', state: 'pending' })
    return items[0]!
  }

  const finish = async (id: string) => {
    const event = await eventOf(id)
    return on.store.deletions.finish(event.properties.deletion as number, event)
  }

  const customer = async (name: string): Promise<string> => {
    const id = fresh(name)
    await on.store.customers.identify(id, { email: `${id}@example.com` }, 1)
    return id
  }

  test('are finished at once where nothing is under way, and only once', async () => {
    const id = await customer('quiet')
    expect(await on.store.deletions.order(id, 'key', MINUTE)).toMatchObject({ is: 'under-way', sending: 0 })
    const event = await eventOf(id)
    const deletion = event.properties.deletion as number
    expect(await on.store.deletions.open(deletion)).toEqual({ customerIds: [id], workflowIds: [] })
    expect(await on.store.deletions.finish(deletion, event)).toEqual({ is: 'finished' })
    expect(await on.store.deletions.finish(deletion, event)).toEqual({ is: 'finished' })
    expect(await on.store.deletions.open(deletion)).toBeUndefined()
    expect(await on.store.deletions.standing(id)).toEqual({ is: 'finished' })
    expect(await on.store.deletions.order(id, 'key', MINUTE)).toEqual({ is: 'finished' })
  })

  test('of one who is not there are none', async () => {
    expect(await on.store.deletions.order(fresh('nobody'), 'key', MINUTE)).toEqual({ is: 'unknown' })
  })

  test('let activities of running enrollments settle', async () => {
    const id = await customer('busy')
    await on.store.enrollments.enter(entryOf(id))
    const standing = await on.store.deletions.order(id, 'key', MINUTE)
    expect(await on.store.deletions.order(id, 'key', 10 * MINUTE)).toEqual(standing)
    const waits = await finish(id)
    expect(waits).toMatchObject({ is: 'waits' })
    expect((waits as { ms: number }).ms).toBeLessThanOrEqual(MINUTE)
    expect(await on.store.enrollments.get(entryOf(id).id)).toMatchObject({
      status: 'ended',
      outcome: { is: 'exited', because: 'the customer was deleted' },
    })
  })

  test('wait for a message that is being handed over, and for its lease alone where its process died', async () => {
    const id = await customer('sending')
    const request = touchpointOf(id)
    await on.store.touchpoints.reserve(request, MINUTE, letAll)
    expect(await on.store.deletions.order(id, 'key', 0)).toMatchObject({ sending: 1 })
    expect(await finish(id)).toMatchObject({ is: 'waits' })
    await on.store.touchpoints.settle(request.id, { status: 'sent' })
    expect(await on.store.deletions.standing(id)).toMatchObject({ sending: 0 })
    expect(await finish(id)).toEqual({ is: 'finished' })

    const other = await customer('died')
    await on.store.touchpoints.reserve(touchpointOf(other), 0, letAll)
    expect(await on.store.deletions.order(other, 'key', 0)).toMatchObject({ sending: 0 })
    expect(await finish(other)).toEqual({ is: 'finished' })
  })

  test('have what was half decided decided anew: nobody is there', async () => {
    const id = await customer('decided')
    const told: (string | undefined)[] = []
    let ordered: Promise<unknown> | undefined
    const request = touchpointOf(id)
    const other = await on.another()
    const reserve = async (): Promise<unknown> => {
      for (let turn = 1; ; turn++) {
        await on.store.customers.get(id)
        const answer = await on.store.touchpoints.reserve(request, MINUTE, (facts) => {
          told.push(facts.customer?.id)
          ordered ??= other.deletions.order(id, 'key', MINUTE)
          const judgment = facts.customer
            ? { is: 'proposed' as const, waitMs: 1, verdicts: [] }
            : { is: 'withheld' as const, because: 'no-customer' as const, verdicts: [] }
          return { judgment, priority: 1 }
        })
        if (answer.is !== 'proposed' || turn > 500) return answer
      }
    }
    expect(await reserve()).toMatchObject({ is: 'settled', touchpoint: { status: 'withheld' } })
    await ordered
    expect(told[0]).toBe(id)
  })

  test('let no news in meanwhile, and any afterwards', async () => {
    const [id, other] = [await customer('news'), await customer('other')]
    const { customers, enrollments, consents, deletions } = on.store
    await deletions.order(id, 'key', 0)
    const word = {
      customerId: id,
      channel: 'email',
      purpose: 'marketing',
      state: 'granted',
      source: 'api',
      occurredAt: 1,
    } as const
    const news = [
      () => customers.identify(id, {}, 2),
      () => customers.identify(id, { email: 'again@example.com' }, 2),
      () => customers.group(id, 'acme', {}),
      () => customers.moveClock(id, 1),
      () => customers.merge(id, other),
      () => customers.merge(other, id),
      () => enrollments.enter(entryOf(id)),
      () => consents.record(word),
    ]
    for (const tell of news) await expect(tell()).rejects.toThrow(BeingDeleted)
    expect(await customers.get(id)).toBeUndefined()
    await finish(id)
    await customers.identify(id, { email: 'again@example.com' }, 2)
    expect(await enrollments.enter(entryOf(id))).toMatchObject({ is: 'entered', enrollment: { entry: 1 } })
    expect((await customers.get(other))?.id).toBe(other)
  })

  test('take along what an enrollment said as it was ended, and leave what others said later', async () => {
    const id = await customer('last')
    const entry = entryOf(id)
    await on.store.enrollments.enter(entry)
    await on.store.deletions.order(id, 'key', 0)
    const event = await eventOf(id)
    const later = { kind: 'enroll', customerId: id, name: 'care', properties: {}, occurredAt: 1 } as const
    await on.store.events.append([
      { ...later, messageId: `enroll:${entry.id}/1/next/1` },
      { ...later, messageId: `enroll:${entry.id}x/1/next/1` },
    ])
    await on.store.deletions.finish(event.properties.deletion as number, event)
    const { items } = await on.store.events.ofCustomer(id, { limit: 10 })
    expect(items.map(({ messageId }) => messageId)).toEqual([`enroll:${entry.id}x/1/next/1`])
  })

  test('keep a refusal of all marketing as a suppression of the address', async () => {
    const id = await customer('refuses')
    const said = { customerId: id, channel: 'email', source: 'api', occurredAt: 1 } as const
    await on.store.consents.record([
      { ...said, purpose: 'marketing', state: 'withdrawn' },
      { ...said, purpose: 'tips', state: 'granted' },
      { ...said, channel: 'sms', purpose: 'marketing', state: 'withdrawn' },
    ])
    await on.store.deletions.order(id, 'key', 0)
    const { items } = await on.store.suppressions.inForce({ limit: 200 })
    expect(items.filter(({ source }) => source === 'deletion')).toMatchObject([
      { reason: 'manual', because: 'a customer who refused marketing by email was deleted' },
    ])
  })
})
