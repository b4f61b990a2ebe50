import type { NewTask, TaskRow } from '../../store/store'
import { describeOnBoth, fresh } from './on-both'

const HOUR = 3_600_000

describeOnBoth('tasks', (on) => {
  async function opened(more: Partial<NewTask> = {}): Promise<TaskRow> {
    const customerId = more.customerId ?? fresh('cus')
    await on.store.customers.identify(customerId, { phone: '+4930123456' }, Date.now())
    const { enrollment } = await on.store.enrollments.enter({
      id: `saving:${customerId}`,
      journey: 'saving',
      customerId,
      build: 'b',
      enrolledBy: fresh('event'),
      reentry: 'after-end',
      now: Date.now(),
    })
    await on.store.enrollments.started(enrollment.id, enrollment.entry)
    const id = `${enrollment.id}/${enrollment.entry}/call/${fresh('time')}`
    const task: NewTask = {
      id,
      enrollmentId: enrollment.id,
      entry: enrollment.entry,
      journey: 'saving',
      step: 'call',
      customerId,
      queue: fresh('queue'),
      priority: 1,
      script: 'Say hello.',
      context: { plan: 'pro' },
      outcomes: ['saved', 'refused'],
      openedAt: Date.now(),
      dueAt: Date.now() + HOUR,
      escalation: null,
      ...more,
    }
    expect(await on.store.tasks.open(task)).toBe('open')
    const { items } = await on.store.tasks.list({ customerId, queue: task.queue }, { limit: 10 })
    return items.find((each) => each.id === id)!
  }
  const claim = (agent: string) => ({ is: 'claim', agent }) as const
  const complete = (agent: string, outcome = 'saved') =>
    ({ is: 'complete', agent, outcome, data: { when: 'soon' }, supervisor: false }) as const
  const eventsOf = async (task: TaskRow) =>
    (await on.store.events.ofCustomer(task.customerId, { limit: 10 })).items

  test('of many agents who claim at once one has it, and all others are told who', async () => {
    const other = await on.another()
    const { ref } = await opened()
    const agents = Array.from({ length: 12 }, (_, nth) => `agent-${nth}`)
    const answers = await Promise.all(
      agents.map((agent, nth) => (nth % 2 ? other : on.store).tasks.change(ref, claim(agent))),
    )
    const won = answers.filter(({ is }) => is === 'changed')
    expect(won).toHaveLength(1)
    const winner = (await on.store.tasks.get(ref))!.agent
    const lost = answers.filter(({ is }) => is === 'taken')
    expect(lost.map((answer) => (answer as { task: TaskRow }).task.agent)).toEqual(Array(11).fill(winner))
    expect((await on.store.tasks.change(ref, claim(winner!))).is).toBe('changed')
    expect((await on.store.tasks.get(ref))!.log.map(({ did, by }) => [did, by])).toEqual([
      ['claimed', winner],
    ])
  })

  test('an outcome is stored once, with the event that tells its enrollment; of two at once one counts', async () => {
    const task = await opened()
    const [one, two] = await Promise.all([
      on.store.tasks.change(task.ref, complete('ann')),
      (await on.another()).tasks.change(task.ref, complete('bob', 'refused')),
    ])
    expect([one.is, two.is].sort()).toEqual(['changed', 'closed'])
    const done = (await on.store.tasks.get(task.ref))!
    const events = await eventsOf(task)
    expect(events).toMatchObject([
      {
        kind: 'task',
        name: 'Task Done',
        messageId: `task:${task.ref}`,
        state: 'pending',
        properties: {
          task: task.id,
          enrollment: task.enrollmentId,
          entry: 1,
          step: 'call',
          outcome: done.outcome,
          by: done.agent,
          data: { when: 'soon' },
        },
      },
    ])
    expect((await on.store.tasks.change(task.ref, complete(done.agent!, done.outcome!))).is).toBe('changed')
    expect(await eventsOf(task)).toHaveLength(1)
    expect(await on.store.tasks.expire(task.id)).toMatchObject({ is: 'done', outcome: done.outcome })
  })

  test('what another has is not released or closed, except by a supervisor; an unknown outcome is refused', async () => {
    const { ref } = await opened()
    await on.store.tasks.change(ref, claim('ann'))
    const release = (agent: string, supervisor = false) =>
      on.store.tasks.change(ref, { is: 'release', agent, supervisor })
    expect((await release('bob')).is).toBe('taken')
    expect((await on.store.tasks.change(ref, complete('bob'))).is).toBe('taken')
    expect((await on.store.tasks.change(ref, complete('ann', 'sold'))).is).toBe('no-such-outcome')
    expect((await release('eve', true)).is).toBe('changed')
    await on.store.tasks.change(ref, { is: 'reassign', by: 'eve', agent: 'bob', queue: 'seniors' })
    await on.store.tasks.change(ref, { is: 'note', agent: 'bob', text: 'rings at noon' })
    const row = (await on.store.tasks.get(ref))!
    expect([row.status, row.agent, row.queue]).toEqual(['claimed', 'bob', 'seniors'])
    expect(row.log.map(({ did, by, words }) => [did, by, words])).toEqual([
      ['claimed', 'ann', undefined],
      ['released', 'eve', undefined],
      ['reassigned', 'eve', 'to bob in seniors'],
      ['noted', 'bob', 'rings at noon'],
    ])
  })

  test('the same order is carried out once', async () => {
    const { ref } = await opened()
    const note = (order: string) =>
      on.store.tasks.change(ref, { is: 'note', agent: 'ann', text: 'hm' }, { order })
    await Promise.all([note('o-1'), note('o-1'), note('o-1')])
    await note('o-2')
    expect((await on.store.tasks.get(ref))!.log).toHaveLength(2)
    await on.store.tasks.change(ref, claim('ann'), { order: 'o-3' })
    await on.store.tasks.change(ref, { is: 'release', agent: 'ann', supervisor: false })
    await on.store.tasks.change(ref, claim('ann'), { order: 'o-3' })
    expect((await on.store.tasks.get(ref))!.status).toBe('open')
  })

  test('the end of its enrollment closes it, and later ones are not opened', async () => {
    const task = await opened()
    const { id, ref, enrollmentId, entry, journey, customerId } = task
    const outcome = { is: 'converted', event: 'x' } as const
    await on.store.enrollments.end({
      id: enrollmentId,
      entry,
      journey,
      customerId,
      outcome,
      endedAt: Date.now(),
    })
    const row = (await on.store.tasks.get(ref))!
    expect([row.status, row.log.at(-1)!.did]).toEqual(['moot', 'moot'])
    expect((await on.store.tasks.change(ref, complete('ann'))).is).toBe('closed')
    expect(await on.store.tasks.open({ ...task, id: `${id}-2` })).toBe('withdrawn')
    expect(await on.store.tasks.open(task)).toBe('withdrawn')
  })

  test('one that is deleted takes its tasks along, and a merged one brings them', async () => {
    const gone = await opened()
    await on.store.deletions.order(gone.customerId, 'test', 0)
    expect((await on.store.tasks.get(gone.ref))!.status).toBe('moot')
    expect(await on.store.tasks.open({ ...gone, id: `${gone.id}-2` })).toBe('withdrawn')
    const [event] = (await eventsOf(gone)).filter(({ kind }) => kind === 'delete')
    await on.store.deletions.finish((event!.properties as { deletion: number }).deletion, event!)
    expect(await on.store.tasks.get(gone.ref)).toBeUndefined()
    const moved = await opened()
    const target = fresh('target')
    await on.store.customers.merge(moved.customerId, target)
    expect((await on.store.tasks.get(moved.ref))!.customerId).toBe(target)
  })

  test('a paused enrollment offers none, and keeps those it has', async () => {
    const { ref, enrollmentId, entry, queue } = await opened()
    await on.store.enrollments.statusIs(enrollmentId, entry, 'paused')
    expect((await on.store.tasks.list({ queue }, { limit: 10 })).items).toEqual([])
    expect((await on.store.tasks.change(ref, claim('ann'))).is).toBe('paused')
    await on.store.enrollments.statusIs(enrollmentId, entry, 'running')
    expect((await on.store.tasks.change(ref, claim('ann'))).is).toBe('changed')
    expect(await on.store.tasks.queues()).toContainEqual({ queue, open: 0, claimed: 1, oldestOpenMs: 0 })
  })

  test('a queue tells how long the oldest that nobody has claimed has been there', async () => {
    const queue = fresh('queue')
    const { ref } = await opened({ queue })
    await new Promise((resolve) => setTimeout(resolve, 60))
    await opened({ queue })
    const oldest = async () =>
      (await on.store.tasks.queues()).find((each) => each.queue === queue)!.oldestOpenMs
    const both = await oldest()
    expect(both).toBeGreaterThanOrEqual(60)
    await on.store.tasks.change(ref, claim('ann'))
    expect(await oldest()).toBeLessThan(both)
  })

  test('the urgent come first, page by page', async () => {
    const queue = fresh('queue')
    const now = Date.now()
    const refs: string[] = []
    for (const [priority, due] of [
      [1, 1],
      [5, 9],
      [1, 5],
      [5, 2],
    ] as const)
      // prettier-ignore
      refs.push((await opened({ queue, priority, dueAt: now + due * HOUR })).ref)
    const first = await on.store.tasks.list({ queue }, { limit: 3 })
    const rest = await on.store.tasks.list({ queue }, { limit: 3, cursor: first.next! })
    const order = [...first.items, ...rest.items].map(({ ref }) => refs.indexOf(ref))
    expect([order, rest.next]).toEqual([[3, 1, 0, 2], null])
  })

  test('what nobody claims in time escalates once, by the customer’s clock', async () => {
    const [queue, seniors] = [fresh('queue'), fresh('seniors')]
    const escalation = { at: Date.now() + HOUR, queue: seniors, priority: 9 }
    const { ref, customerId } = await opened({ queue, escalation })
    const claimed = await opened({ queue, escalation: { ...escalation, at: Date.now() - 1 } })
    await on.store.tasks.change(claimed.ref, claim('ann'))
    await on.store.tasks.escalate(50)
    expect((await on.store.tasks.get(ref))!.queue).toBe(queue)
    await on.store.customers.moveClock(customerId, 2 * HOUR)
    await on.store.tasks.escalate(50)
    await on.store.tasks.escalate(50)
    const row = (await on.store.tasks.get(ref))!
    expect([row.queue, row.priority, row.log.map(({ did }) => did)]).toEqual([seniors, 9, ['escalated']])
    expect((await on.store.tasks.get(claimed.ref))!.queue).toBe(queue)
  })

  test('news of a task are told until they are told, and the newest only', async () => {
    const { ref } = await opened()
    const mine = async () => (await on.store.tasks.toTell(200, HOUR)).filter((each) => each.ref === ref)
    const [first] = await mine()
    expect([first!.known, first!.status]).toEqual([false, 'open'])
    expect(await mine()).toEqual([])
    await on.store.tasks.change(ref, claim('ann'))
    await on.store.tasks.told(first!)
    const [second] = await mine()
    expect([second!.known, second!.status]).toEqual([true, 'claimed'])
    await on.store.tasks.tellLater(second!, -1)
    const [again] = await mine()
    await on.store.tasks.told(again!)
    expect(await mine()).toEqual([])
  })

  test('closed ones go when their retention is over, those that wait never, by the last that became of them', async () => {
    const [done, expired, open, claimed] = [await opened(), await opened(), await opened(), await opened()]
    await on.store.tasks.change(done.ref, claim('mia'))
    await on.store.tasks.change(done.ref, complete('mia'))
    await on.store.tasks.expire(expired.id)
    await on.store.tasks.change(claimed.ref, claim('mia'))
    const kept = async () =>
      (await Promise.all([done, expired, open, claimed].map(({ ref }) => on.store.tasks.get(ref)))).map((task) => task?.status) // prettier-ignore
    const all = ['done', 'expired', 'open', 'claimed']
    await on.store.partitions.upkeep({})
    expect((await on.store.partitions.upkeep({ tasks: HOUR })).tasks).toBe(0)
    expect(await kept()).toEqual(all)
    expect((await on.store.partitions.upkeep({ tasks: -HOUR })).tasks).toBeGreaterThanOrEqual(2)
    expect(await kept()).toEqual([undefined, undefined, 'open', 'claimed'])
  })
})
