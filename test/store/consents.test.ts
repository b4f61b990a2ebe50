import { suppressionKey, type IncomingEvent, type Judge, type NewConsent } from '../../store'
import { touchpointOf } from './requests'
import { describeOnBoth, fresh } from './on-both'

describeOnBoth('consents', (on) => {
  const word = (customerId: string, more: Partial<NewConsent> = {}): NewConsent => ({
    customerId,
    channel: 'email',
    purpose: 'marketing',
    state: 'granted',
    source: 'api',
    occurredAt: 1_000,
    ...more,
  })
  const historyOf = async (id: string) => (await on.store.consents.history(id, { limit: 200 })).items
  const stateOf = async (id: string) => (await on.store.consents.current(id)).map(({ state }) => state)
  const event = (customerId: string): IncomingEvent => ({
    messageId: fresh('confirmed'),
    kind: 'track',
    customerId,
    name: 'Consent Confirmed',
    properties: {},
    occurredAt: 1_000,
  })

  test('are kept as they came, with what shows them', async () => {
    const id = fresh('anna')
    const proof = { form: 'signup', text: 'I agree \u0000', nested: { at: 3 } }
    await on.store.consents.record(word(id, { basis: 'double-opt-in', proof }))
    expect(await historyOf(id)).toEqual([
      {
        ...word(id),
        basis: 'double-opt-in',
        proof: { ...proof, text: 'I agree \uFFFD' },
        recordedAt: expect.any(Number),
      },
    ])
  })

  test('the later event time counts, of equal ones the later to arrive, also within one list', async () => {
    const id = fresh('bert')
    const { consents } = on.store
    await consents.record([word(id, { occurredAt: 5, state: 'withdrawn' }), word(id, { occurredAt: 4 })])
    expect(await stateOf(id)).toEqual(['withdrawn'])
    await consents.record([word(id, { occurredAt: 6, state: 'withdrawn' }), word(id, { occurredAt: 6 })])
    expect(await stateOf(id)).toEqual(['granted'])
    await consents.record(word(id, { occurredAt: 6, state: 'withdrawn' }))
    expect(await stateOf(id)).toEqual(['withdrawn'])
    expect(await historyOf(id)).toHaveLength(5)
  })

  test('the same again adds nothing; a word taken back and said again does', async () => {
    const id = fresh('cora')
    const list = [word(id), word(id, { channel: 'sms', proof: { page: 1 } })]
    for (let time = 0; time < 3; time++) await on.store.consents.record(list)
    expect(await historyOf(id)).toHaveLength(2)
    await on.store.consents.record([word(id, { state: 'withdrawn' }), word(id)])
    expect(await historyOf(id)).toHaveLength(4)
    expect(await stateOf(id)).toEqual(['granted', 'granted'])
  })

  test('a list is kept whole or not at all', async () => {
    const id = fresh('dora')
    const broken = { ...word(id), state: 'perhaps' } as unknown as NewConsent
    await expect(on.store.consents.record([word(id), broken])).rejects.toThrow()
    expect(await historyOf(id)).toEqual([])
  })

  test('come with the event that tells of them, both or neither, once however many ask at once', async () => {
    const id = fresh('emil')
    const told = event(id)
    const another = await on.another()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        (at % 2 ? another : on.store).consents.recordWith(told, word(id, { occurredAt: at })),
      ),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await historyOf(id)).toHaveLength(1)
    expect((await on.store.events.ofCustomer(id, { limit: 10 })).items).toHaveLength(1)
    const broken = { ...word(id), state: 'perhaps' } as unknown as NewConsent
    const other = event(id)
    await expect(on.store.consents.recordWith(other, broken)).rejects.toThrow()
    expect(await on.store.events.byMessageId(other.messageId)).toBeUndefined()
  })
})

describeOnBoth('suppressions', (on) => {
  const found = { reason: 'hard-bounce', source: 'smtp' } as const

  test('are in force once for each reason, however many find out at once', async () => {
    const key = suppressionKey('email', `${fresh('ada')}@example.com`)
    const another = await on.another()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => (at % 2 ? another : on.store).suppressions.suppress(key, found)),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await on.store.suppressions.suppress(key, { ...found, reason: 'legal' })).toBe(true)
    expect(await on.store.suppressions.history(key)).toHaveLength(2)
  })

  test('stay on record when they are lifted, and may come again', async () => {
    const key = suppressionKey('email', `${fresh('bo')}@example.com`)
    const { suppressions } = on.store
    await suppressions.suppress(key, { ...found, because: 'no such user' })
    expect(await suppressions.lift(key, { reason: 'legal', by: 'mia', because: 'x' })).toBe(0)
    expect(await suppressions.lift(key, { by: 'mia', because: 'it was opened again' })).toBe(1)
    await suppressions.suppress(key, found)
    expect(await suppressions.history(key)).toMatchObject([
      { reason: 'hard-bounce', lifted: null },
      {
        because: 'no such user',
        lifted: { by: 'mia', because: 'it was opened again', at: expect.any(Number) },
      },
    ])
  })

  test('of several addresses are told at once; those lifted are none', async () => {
    const { suppressions } = on.store
    const [both, one, lifted, none] = ['a', 'b', 'c', 'd'].map((name) =>
      suppressionKey('email', `${fresh(name)}@example.com`),
    ) as [string, string, string, string]
    await suppressions.suppress(both, found)
    await suppressions.suppress(both, { ...found, reason: 'legal' })
    await suppressions.suppress(one, found)
    await suppressions.suppress(lifted, found)
    await suppressions.lift(lifted, { by: 'mia', because: 'it works again' })
    const told = await suppressions.reasonsOf([none, one, both, lifted])
    expect([...told.keys()].sort()).toEqual([both, one].sort())
    expect([...told.get(both)!].sort()).toEqual(['hard-bounce', 'legal'])
    expect(told.get(one)).toEqual(['hard-bounce'])
    expect(await suppressions.reasonsOf([])).toEqual(new Map())
  })

  test('are seen by every touchpoint to the address, whoever has it', async () => {
    const address = `${fresh('shared')}@example.com`
    const key = suppressionKey('email', address)
    const asked: unknown[] = []
    const judge: Judge = ({ suppressedBecause }) => {
      asked.push(suppressedBecause)
      const judgment = { is: 'withheld', because: 'suppressed', verdicts: [] } as const
      return { judgment, priority: 1, address: key }
    }
    await on.store.suppressions.suppress(key, { ...found, reason: 'legal' })
    for (const customer of [fresh('before'), fresh('created-anew')]) {
      asked.splice(0)
      await on.store.customers.identify(customer, { email: address }, 1)
      await on.store.touchpoints.reserve(touchpointOf(customer), 60_000, judge)
      expect(asked.at(-1)).toEqual(['legal'])
    }
  })
})
