import { firstLimits, type Limits } from '../../sdk/contact'
import type { Author, LimitsChange, LimitsRevision } from '../../store'
import { describeOnBoth } from './on-both'

const ann: Author = { key: 'ann', by: null }
const bob: Author = { key: 'bob', by: 'Bob of legal' }

let holdout = 0
/** A document that no other case wrote. */
const limits = (more: Partial<Limits> = {}): Limits => ({
  ...firstLimits,
  holdout: ++holdout / 1000,
  ...more,
})

describeOnBoth('limits', (on) => {
  const change = (more: Partial<LimitsChange> = {}) =>
    on.store.limits.change({ limits: limits(), author: ann, because: 'spring', approval: false, ...more })
  async function kept(more: Partial<LimitsChange> = {}): Promise<LimitsRevision> {
    const changed = await change(more)
    if (changed.is !== 'kept') throw new Error(`it was ${changed.is}`)
    return changed.revision
  }
  const draft = () => kept({ approval: true })

  test('until somebody writes others, those of the first start hold', async () => {
    expect(await on.store.limits.current()).toMatchObject({ revision: 0, written: null, limits: firstLimits })
    expect(await on.store.limits.history({ limit: 10 })).toEqual({ items: [], next: null })
  })

  test('a change holds at once, and tells who, when and why; what held before is replaced', async () => {
    const one = await kept()
    const two = await kept({ author: bob, because: 'summer' })
    expect(await on.store.limits.current()).toEqual(two)
    expect((await on.store.limits.current()).limits).toEqual(two.limits)
    expect(two).toMatchObject({
      basedOn: one.revision,
      written: { ...bob, because: 'summer' },
      state: 'active',
    })
    const { items } = await on.store.limits.history({ limit: 2 })
    expect(items).toEqual([two, { ...one, state: 'replaced', replacedAt: expect.any(Number) }])
  })

  test('of two who read the same revision, the second is told; the same document again changes nothing', async () => {
    const { revision } = await kept()
    const wanted = { limits: limits(), basedOn: revision }
    const both = await Promise.all([change(wanted), change({ ...wanted, limits: limits() })])
    expect(both.map(({ is }) => is).sort()).toEqual(['kept', 'outdated'])
    const now = await on.store.limits.current()
    expect(both).toContainEqual({ is: 'outdated', active: now.revision })
    expect(await kept({ limits: now.limits, basedOn: revision })).toEqual(now)
  })

  test('a draft counts once another key approves it, and never by its author', async () => {
    const before = await on.store.limits.current()
    const one = await draft()
    expect(one.state).toBe('draft')
    expect(await on.store.limits.current()).toEqual(before)
    expect((await kept({ limits: one.limits, approval: true })).revision).toBe(one.revision)
    expect(await on.store.limits.decide(one.revision, 'approve', ann, 'mine')).toEqual({ is: 'own' })
    const approved = await on.store.limits.decide(one.revision, 'approve', bob, 'fine')
    expect(approved).toMatchObject({
      is: 'kept',
      revision: { state: 'active', written: { key: 'ann' }, decided: { ...bob, because: 'fine' } },
    })
    expect((await on.store.limits.current()).revision).toBe(one.revision)
    expect(await on.store.limits.decide(one.revision, 'reject', bob, 'no')).toEqual({
      is: 'decided',
      state: 'active',
    })
  })

  test('a draft is rejected; one based on what was replaced meanwhile is not approved', async () => {
    const [one, two] = [await draft(), await draft()]
    const rejected = await on.store.limits.decide(one.revision, 'reject', bob, 'too many')
    expect(rejected).toMatchObject({ is: 'kept', revision: { state: 'rejected' } })
    const { revision } = await kept()
    const late = await on.store.limits.decide(two.revision, 'approve', bob, 'fine')
    expect(late).toEqual({ is: 'outdated', active: revision })
    expect(await on.store.limits.decide(two.revision, 'reject', bob, 'late')).toMatchObject({ is: 'kept' })
    expect(await on.store.limits.decide(999_999, 'approve', bob, 'what')).toEqual({ is: 'unknown' })
  })

  test('the history is paged, and of one state alone where asked', async () => {
    const open = await draft()
    const { items, next } = await on.store.limits.history({ limit: 1 })
    expect(items).toEqual([open])
    const rest = await on.store.limits.history({ limit: 100, cursor: next! })
    expect(rest.items.map(({ revision }) => revision)).not.toContain(open.revision)
    const drafts = await on.store.limits.history({ limit: 100 }, 'draft')
    expect(drafts.items).toContainEqual(open)
    expect(new Set(drafts.items.map(({ state }) => state))).toEqual(new Set(['draft']))
  })
})

describeOnBoth('stops', (on) => {
  test('is in force until it is ended, once however often it is asked for, and keeps who and why', async () => {
    const { stops } = on.store
    const wanted = { scope: 'journey', name: 'care' } as const
    const both = await Promise.all([
      stops.begin(wanted, ann, 'odd texts'),
      stops.begin(wanted, bob, 'me too'),
    ])
    expect(both.map((each) => each.new).sort()).toEqual([false, true])
    const { stop } = both[0]
    expect(both[1].stop).toEqual(stop)
    expect((await stops.begin({ scope: 'everything', name: null }, ann, 'fire')).new).toBe(true)
    expect((await stops.list({ limit: 10 }, true)).items).toHaveLength(2)
    const ended = await stops.end(stop.id, bob, 'texts are right')
    expect(ended).toMatchObject({ ended: { ...bob, because: 'texts are right' } })
    expect(await stops.end(stop.id, ann, 'again')).toEqual(ended)
    expect((await stops.list({ limit: 10 }, false)).items).toEqual([ended])
    expect((await stops.begin(wanted, ann, 'odd again')).stop.id).toBeGreaterThan(stop.id)
    expect(await stops.end(999_999, ann, 'none')).toBeUndefined()
  })
})
