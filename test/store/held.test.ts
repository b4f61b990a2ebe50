import { firstLimits } from '../../sdk/contact'
import type { Judge, LookAgain } from '../../store'
import { until } from '../support/until'
import { describeOnBoth, fresh } from './on-both'
import { letAll, touchpointOf } from './requests'

const author = { key: 'test', by: null }
const LEASE = 60_000

const holdAll: Judge = () => ({
  judgment: { is: 'held', because: 'stopped', until: Date.now() + 1_000_000, expiresAt: null, verdicts: [] },
  priority: 1,
})

let holdout = 0

describeOnBoth('what is held', (on) => {
  const change = () =>
    on.store.limits.change({
      limits: { ...firstLimits, spreadOver: '1 second', holdout: ++holdout / 1000 }, author, because: 'test', approval: false,
    }) // prettier-ignore
  async function hold(judge: Judge = holdAll): Promise<string> {
    const request = touchpointOf(fresh('held'))
    await on.store.touchpoints.reserve(request, LEASE, judge)
    return request.id
  }
  /** All that come to be due, asked for by two dispatchers. */
  async function due(count: number): Promise<LookAgain[]> {
    const other = await on.another()
    const found: LookAgain[] = []
    await until(async () => {
      const both = await Promise.all([on.store.held.due(2, LEASE), other.held.due(2, LEASE)])
      found.push(...both.flat())
      return found.length >= count
    })
    return found
  }

  test('is planned once for each change, in parts, and due for one of several dispatchers alone', async () => {
    const ids = [await hold(), await hold(), await hold()]
    expect(await on.store.held.plan(10)).toBe(0)
    await change()
    expect(await on.store.held.plan(2)).toBe(2)
    expect(await on.store.held.plan(2)).toBe(1)
    expect(await on.store.held.plan(2)).toBe(0)
    const looks = await due(3)
    expect(looks.map(({ touchpointId }) => touchpointId).sort()).toEqual(ids.sort())
    await on.store.held.looked(looks)
    expect(await on.store.held.due(10, LEASE)).toEqual([])
    expect(await on.store.held.counts()).toEqual({ stopped: 3 })
  })

  test('by a cap is due at once when the provider refuses what had the place', async () => {
    const customer = fresh('refused')
    const [winner, loser, other] = [1, 2, 3].map(() => touchpointOf(customer))
    await on.store.touchpoints.reserve(winner!, LEASE, letAll)
    const because =
      (reason: 'outbid' | 'quiet-hours'): Judge =>
      () => ({
        judgment: { is: 'held', because: reason, until: Date.now() + LEASE, expiresAt: null, verdicts: [] },
        priority: 1,
      })
    await on.store.touchpoints.reserve(loser!, LEASE, because('outbid'))
    await on.store.touchpoints.reserve(other!, LEASE, because('quiet-hours'))
    await on.store.touchpoints.settle(winner!.id, { status: 'failed', because: 'refused' })
    const looks = await due(1)
    expect(looks.map(({ touchpointId }) => touchpointId)).toEqual([loser!.id])
    await on.store.held.looked(looks)
    await on.store.touchpoints.settle(winner!.id, { status: 'failed', because: 'said again' })
    expect(await on.store.held.due(10, LEASE)).toEqual([])
    for (const { id } of [loser!, other!])
      await on.store.touchpoints.reserve({ ...loser!, id }, LEASE, letAll)
  })

  test('is due again when a dispatcher died with it, and when the rules changed meanwhile', async () => {
    await change()
    await on.store.held.plan(100)
    let looks: LookAgain[] = []
    await until(async () => (looks = [...looks, ...(await on.store.held.due(10, 1))]).length >= 3)
    const again = await due(3)
    await change()
    expect(await on.store.held.plan(100)).toBe(3)
    await on.store.held.looked(again)
    await on.store.held.looked(await due(3))
    expect(await on.store.held.due(10, LEASE)).toEqual([])
  })

  test('is found too when the rules change while it is being decided on', async () => {
    let changing: Promise<unknown> | undefined
    // The judge runs between reading the facts and writing: here another process changes the rules.
    const id = await hold((facts, before) => {
      changing ??= change()
      return holdAll(facts, before)
    })
    await changing
    await on.store.held.plan(100)
    const looks = await due(4)
    expect(looks.map(({ touchpointId }) => touchpointId)).toContain(id)
    await on.store.held.looked(looks)
  })

  test('and asked for again is held by the new rules, and not planned', async () => {
    const request = touchpointOf(fresh('held'))
    await on.store.touchpoints.reserve(request, LEASE, holdAll)
    await change()
    await on.store.touchpoints.reserve(request, LEASE, holdAll)
    const planned = await on.store.held.plan(100)
    expect(planned).toBe((await on.store.held.counts()).stopped! - 1)
  })
})
