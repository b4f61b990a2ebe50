import type { EndedEnrollment, EnrollmentRow, EntryRequest, IncomingEvent } from '../../store'
import { describeOnBoth, fresh } from './on-both'
import { entryOf, letAll, touchpointOf } from './requests'

const endOf = (
  { id, entry, journey, customerId, key }: EnrollmentRow,
  more: Partial<EndedEnrollment> = {},
): EndedEnrollment => ({
  id,
  entry,
  journey,
  customerId,
  key: key ?? undefined,
  outcome: { is: 'completed' },
  endedAt: 2_000_000,
  ...more,
})

describeOnBoth('enrollments', (on) => {
  const enter = (request: EntryRequest) => on.store.enrollments.enter(request)

  test('begin as starting, run, pause and end', async () => {
    const { enrollments } = on.store
    const request = entryOf(fresh('anna'), { key: 'order-1' })
    const verdict = await enter(request)
    const row: EnrollmentRow = {
      id: request.id,
      entry: 1,
      journey: 'care',
      customerId: request.customerId,
      key: 'order-1',
      build: 'build-1',
      status: 'starting',
      outcome: null,
      enrolledBy: request.enrolledBy,
      heldOut: null,
      startedAt: 1_000_000,
      endedAt: null,
    }
    expect(verdict).toEqual({ is: 'entered', enrollment: row })
    await enrollments.started(row.id, 1)
    expect(await enrollments.get(row.id)).toEqual({ ...row, status: 'running' })
    await enrollments.statusIs(row.id, 1, 'paused')
    await enrollments.started(row.id, 1)
    expect(await enrollments.get(row.id, 1)).toEqual({ ...row, status: 'paused' })
    await enrollments.end(endOf(row, { outcome: { is: 'converted', event: 'Order Placed' } }))
    await enrollments.statusIs(row.id, 1, 'running')
    await enrollments.end(endOf(row, { outcome: { is: 'failed', because: 'late' }, endedAt: 3 }))
    const ended = {
      ...row,
      status: 'ended',
      outcome: { is: 'converted', event: 'Order Placed' },
      endedAt: 2_000_000,
    }
    expect(await enrollments.get(row.id)).toEqual(ended)
    expect(await enrollments.get(row.id, 2)).toBeUndefined()
    expect(await enter(request)).toEqual({ is: 'repeated', enrollment: ended })
  })

  test.each<{ reentry: EntryRequest['reentry']; later: number; verdict: object }>([
    { reentry: 'once', later: 1e12, verdict: { is: 'refused', because: 'once', enrollment: { entry: 1 } } },
    {
      reentry: 'after-end',
      later: 0,
      verdict: { is: 'entered', enrollment: { entry: 2, status: 'starting' } },
    },
    {
      reentry: 500,
      later: 499,
      verdict: { is: 'refused', because: 'cooling-down', enrollment: { entry: 1 } },
    },
    { reentry: 500, later: 500, verdict: { is: 'entered', enrollment: { entry: 2 } } },
  ])('re-entry $reentry, $later ms after the end: $verdict', async ({ reentry, later, verdict }) => {
    const customer = fresh('bert')
    const { enrollment } = await enter(entryOf(customer, { reentry }))
    expect(await enter(entryOf(customer, { reentry, now: 3_000_000 }))).toMatchObject({
      is: 'refused',
      because: 'running',
      enrollment,
    })
    await on.store.enrollments.end(endOf(enrollment))
    expect(await enter(entryOf(customer, { reentry, now: 2_000_000 + later }))).toMatchObject(verdict)
  })

  test('each key has its own', async () => {
    const customer = fresh('cora')
    for (const key of ['one', 'two', undefined]) {
      expect(await enter(entryOf(customer, { key }))).toMatchObject({
        is: 'entered',
        enrollment: { entry: 1 },
      })
      expect(await enter(entryOf(customer, { key }))).toMatchObject({ is: 'refused', because: 'running' })
    }
  })

  test.each(['once', 'after-end', 60_000] as const)(
    'of 50 different requests at once exactly one enters (%s)',
    async (reentry) => {
      const customer = fresh('dora')
      const storm = () =>
        Promise.all(Array.from({ length: 50 }, () => enter(entryOf(customer, { reentry, now: 9_000_000 }))))
      const verdicts = await storm()
      const entered = verdicts.filter(({ is }) => is === 'entered')
      expect(entered).toHaveLength(1)
      expect(
        verdicts.filter((verdict) => verdict.is === 'refused' && verdict.because === 'running'),
      ).toHaveLength(49)
      await on.store.enrollments.end(endOf(entered[0]!.enrollment))
      const again = await storm()
      expect(again.filter(({ is }) => is === 'entered')).toHaveLength(reentry === 'once' ? 0 : 1)
      expect((await on.store.enrollments.list({ customerId: customer }, { limit: 10 })).items).toHaveLength(
        reentry === 'once' ? 1 : 2,
      )
    },
  )

  test.each(['once', 'after-end', 60_000] as const)(
    'of 50 identical requests at once one enters, the others repeat it (%s)',
    async (reentry) => {
      const other = await on.another()
      const request = entryOf(fresh('emil'), { reentry })
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (at % 2 ? on.store : other).enrollments.enter(request)),
      )
      expect(verdicts.filter(({ is }) => is === 'entered')).toHaveLength(1)
      expect(verdicts.filter(({ is }) => is === 'repeated')).toHaveLength(49)
      expect(new Set(verdicts.map(({ enrollment }) => `${enrollment.id}/${enrollment.entry}`)).size).toBe(1)
    },
  )

  test('one event may enroll into several journeys', async () => {
    const customer = fresh('frida')
    const enrolledBy = fresh('event')
    for (const journey of ['care', 'trial']) {
      expect(await enter(entryOf(customer, { journey, enrolledBy }))).toMatchObject({ is: 'entered' })
    }
    expect(await on.store.enrollments.live(customer)).toMatchObject([
      { journey: 'care' },
      { journey: 'trial' },
    ])
  })

  test('a customer who was merged is not let in twice', async () => {
    const [previous, id] = [fresh('anonymous'), fresh('known')]
    const before = entryOf(previous)
    const { enrollment } = await enter(before)
    await on.store.customers.merge(previous, id)
    expect(await enter(entryOf(id))).toMatchObject({
      is: 'refused',
      because: 'running',
      enrollment: { id: before.id },
    })
    expect(await enter({ ...entryOf(id), enrolledBy: before.enrolledBy })).toMatchObject({
      is: 'repeated',
      enrollment: { id: before.id },
    })
    await on.store.enrollments.end(endOf(enrollment))
    expect(await on.store.enrollments.get(before.id)).toMatchObject({ status: 'ended', customerId: id })
    expect(await enter(entryOf(id))).toMatchObject({ is: 'refused', because: 'once' })
    expect(await enter(entryOf(id, { reentry: 'after-end' }))).toMatchObject({
      is: 'entered',
      enrollment: { entry: 1 },
    })
  })

  test('a handover ends here and asks there, once', async () => {
    const customer = fresh('gerd')
    const { enrollment } = await enter(entryOf(customer))
    const handover: IncomingEvent = {
      messageId: fresh('handover'),
      kind: 'enroll',
      customerId: customer,
      name: 'win-back',
      properties: {},
      occurredAt: 5,
    }
    await Promise.all(
      Array.from({ length: 5 }, () => on.store.enrollments.end(endOf(enrollment, { handover }))),
    )
    expect((await on.store.events.ofCustomer(customer, { limit: 10 })).items).toMatchObject([
      { kind: 'enroll', name: 'win-back' },
    ])
    expect(await on.store.enrollments.get(enrollment.id)).toMatchObject({ status: 'ended' })
  })

  test('a handover that cannot be stored leaves all as it was', async () => {
    const customer = fresh('hugo')
    const { enrollment } = await enter(entryOf(customer))
    const touchpoint = touchpointOf(customer)
    await on.store.touchpoints.reserve(touchpoint, 60_000, letAll)
    await on.store.touchpoints.settle(touchpoint.id, { status: 'retrying' })
    const handover = {
      messageId: fresh('handover'),
      kind: null,
      customerId: customer,
      name: 'x',
      properties: {},
      occurredAt: 5,
    }
    const ending = on.store.enrollments.end(
      endOf(enrollment, { handover: handover as unknown as IncomingEvent }),
    )
    await expect(ending).rejects.toThrow(/null value/)
    expect(await on.store.enrollments.get(enrollment.id)).toMatchObject({ status: 'starting', outcome: null })
    expect(await on.store.touchpoints.get(touchpoint.id)).toMatchObject({ status: 'retrying' })
  })

  test('one started past us is recorded when it ends', async () => {
    const customer = fresh('ida')
    const { id, journey } = entryOf(customer)
    await on.store.enrollments.end({
      id,
      entry: 1,
      journey,
      customerId: customer,
      outcome: { is: 'exited', because: 'done' },
      endedAt: 7,
    })
    expect(await on.store.enrollments.get(id)).toMatchObject({
      status: 'ended',
      outcome: { is: 'exited', because: 'done' },
      endedAt: 7,
    })
    expect(await enter(entryOf(customer))).toMatchObject({ is: 'refused', because: 'once' })
  })

  test('are listed by customer, journey, status and id, newest first', async () => {
    const { enrollments } = on.store
    const [customer, journey] = [fresh('jo'), fresh('journey')]
    const rows: EnrollmentRow[] = []
    for (let at = 0; at < 5; at++) {
      rows.push(
        (await enter(entryOf(customer, { journey, key: `k${at}`, now: 1_000 + (at % 2) }))).enrollment,
      )
    }
    await enrollments.started(rows[0]!.id, 1)
    await enrollments.statusIs(rows[1]!.id, 1, 'paused')
    await enrollments.end(endOf(rows[2]!))
    await enrollments.end(endOf(rows[3]!, { outcome: { is: 'held out', converted: false } }))
    const keysOf = async (filter: Parameters<typeof enrollments.list>[0]) =>
      (await enrollments.list(filter, { limit: 50 })).items.map(({ key }) => key)
    expect((await keysOf({ customerId: customer })).sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
    expect(await keysOf({ journey })).toEqual(['k3', 'k1', 'k4', 'k2', 'k0'])
    expect(await keysOf({ journey, status: 'running' })).toEqual(['k4', 'k0'])
    expect(await keysOf({ customerId: customer, status: 'paused' })).toEqual(['k1'])
    expect(await keysOf({ journey, status: 'ended', ids: [rows[2]!.id, rows[4]!.id] })).toEqual(['k2'])
    expect(await keysOf({ ids: [] })).toEqual([])
    const first = await enrollments.list({ journey }, { limit: 2 })
    const second = await enrollments.list({ journey }, { limit: 3, cursor: first.next! })
    expect([...first.items, ...second.items].map(({ key }) => key)).toEqual(['k3', 'k1', 'k4', 'k2', 'k0'])
    expect(second.next).toBeNull()
    expect(await enrollments.live(customer)).toMatchObject([{ key: 'k0' }, { key: 'k4' }, { key: 'k1' }])
    expect(await enrollments.counts(journey)).toEqual({
      running: 2,
      paused: 1,
      ended: 2,
      outcomes: { completed: 1, 'held out': 1 },
    })
    expect(await enrollments.counts('none')).toEqual({ running: 0, paused: 0, ended: 0, outcomes: {} })
  })
})
