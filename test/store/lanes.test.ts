import { describeOnBoth, fresh } from './on-both'

const LONG = 60_000
const all = Array.from({ length: 64 }, (_, lane) => lane)

describeOnBoth('lanes', (on) => {
  const { hold, release } = {
    hold: (owner: string, leaseMs = LONG) => on.store.lanes.hold(owner, leaseMs),
    release: (owner: string) => on.store.lanes.release(owner),
  }

  test('one owner has them all, and gives them back', async () => {
    const [first, second] = [fresh('owner'), fresh('owner')]
    expect(on.store.lanes.count).toBe(64)
    expect(await hold(first)).toEqual(all)
    expect(await hold(first)).toEqual(all)
    await release(first)
    expect(await hold(second)).toEqual(all)
    await release(second)
  })

  test('two owners share; a lane changes hands only after its owner has let go', async () => {
    const [first, second] = [fresh('owner'), fresh('owner')]
    await hold(first)
    expect(await hold(second)).toEqual([])
    const kept = await hold(first)
    expect(kept).toHaveLength(32)
    // The first has just been told; it may still be at work on the others.
    expect(await hold(second)).toEqual([])
    expect(await hold(first)).toEqual(kept)
    const given = await hold(second)
    expect([...kept, ...given].sort((one, other) => one - other)).toEqual(all)
    await release(first)
    expect(await hold(second)).toEqual(all)
    await release(second)
  })

  test('many owners at once never hold a lane twice, and after a few rounds hold them all', async () => {
    const owners = Array.from({ length: 5 }, () => fresh('owner'))
    let held: number[][] = []
    for (let round = 0; round < 4; round++) {
      held = await Promise.all(owners.map((owner) => hold(owner)))
      expect(new Set(held.flat()).size).toBe(held.flat().length)
    }
    expect(held.flat().sort((one, other) => one - other)).toEqual(all)
    expect(Math.max(...held.map((lanes) => lanes.length))).toBe(13)
    for (const owner of owners) await release(owner)
  })

  test('an owner that dies is succeeded when its lease has run out, and not before', async () => {
    const [dead, heir] = [fresh('owner'), fresh('owner')]
    await hold(dead)
    expect(await hold(heir)).toEqual([])
    await hold(dead, 1)
    let taken: number[] = []
    while (taken.length < 64) taken = await hold(heir)
    expect(taken).toEqual(all)
    expect(await hold(dead)).toEqual([])
    await release(dead)
    await release(heir)
  })

  test('letting go twice, or of nothing, is no error', async () => {
    await release(fresh('nobody'))
    const owner = fresh('owner')
    await hold(owner)
    await release(owner)
    await release(owner)
  })
})
