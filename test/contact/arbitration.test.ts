import { beats, isContested, judge, priorityOf, type Cap, type Rival, type Wanted } from '../../sdk/contact'
import { arbitration } from '../../sdk/contact/arbitration'
import { at, contactOf, countedOf, proposalOf, rivalOf } from './proposals'

const cap: Cap = { name: 'weekly', most: 2, window: { rolling: '7 days' } }
const now = proposalOf().at
const DAY = 86_400_000

const asked = (
  rivals: readonly Rival[],
  { proposal, limits, ...more }: NonNullable<Parameters<typeof contactOf>[0]> = {},
) =>
  contactOf({
    rivals,
    otherEnrollments: rivals.length,
    ...more,
    limits: { caps: [cap], ...limits },
    proposal: { proposed: true, ...proposal },
  })
const verdict = (...args: Parameters<typeof asked>) => arbitration.rule(asked(...args)).is

describe('priority', () => {
  const place = { journey: 'care', channel: 'email' }

  test('is propensity x context x value x lever, with weights in percent on top', () => {
    expect(priorityOf({}, place, {})).toBe(1)
    expect(priorityOf({ propensity: 0.25, value: 80 }, place, {})).toBe(20)
    expect(
      priorityOf({ value: 10, context: 50 }, place, { contexts: { email: -20 }, levers: { care: 100 } }),
    ).toBeCloseTo(26)
    expect(priorityOf({ value: 10 }, place, { levers: { shop: 100 }, contexts: { sms: 100 } })).toBe(10)
  })

  test('is never below nothing', () => {
    expect(priorityOf({ value: 10 }, place, { levers: { care: -150 } })).toBe(0)
  })
})

describe('of two proposals', () => {
  const one = { id: 'a', priority: 2, expiresAt: null }

  test('the one worth more comes first, then the one that expires first', () => {
    expect(beats(one, { ...one, id: 'b', priority: 1 })).toBe(true)
    expect(beats({ ...one, expiresAt: 5 }, { ...one, id: 'b' })).toBe(true)
    expect(beats({ ...one, expiresAt: 5 }, { ...one, id: 'b', expiresAt: 4 })).toBe(false)
  })

  test('that are equal the lot decides, one way, and for either half of the time', () => {
    const ids = Array.from({ length: 2_000 }, (_, each) => each)
    const first = ids.filter((each) => {
      const [a, b] = [
        { ...one, id: `digest:${each}/1/send/1` },
        { ...one, id: `newsletter:${each}/1/send/1` },
      ]
      expect(beats(a, b)).toBe(!beats(b, a))
      return beats(a, b)
    })
    expect(first.length).toBeGreaterThan(900)
    expect(first.length).toBeLessThan(1_100)
    expect(beats(one, one)).toBe(false)
  })
})

describe('arbitration', () => {
  const better = rivalOf({ id: 'r1', priority: 5 })

  test('lets as many go as there are places, the best of them', () => {
    expect(verdict([better])).toBe('allows')
    expect(verdict([better, { ...better, id: 'r2' }])).toBe('holds')
    expect(verdict([better, { ...better, id: 'r2', priority: 0.5 }])).toBe('allows')
    expect(verdict([better], { counted: [countedOf('2026-11-23T12:00:00Z')] })).toBe('holds')
  })

  test('holds until those that go before leave a place', () => {
    const ruling = arbitration.rule(asked([better], { counted: [countedOf('2026-11-23T12:00:00Z')] }))
    expect(ruling).toEqual({
      is: 'holds',
      reason: 'outbid',
      until: at('2026-11-30T12:00:00Z'),
      because: 'priority 1; 1 of 2 places left under weekly, 1 worth more (shop 5)',
    })
    expect(arbitration.rule(asked([better, { ...better, id: 'r2' }]))).toMatchObject({ until: now + 7 * DAY })
  })

  test('names the best of those that go before', () => {
    const rivals = [2, 7, 4, 6, 5].map((priority) => ({
      ...better,
      id: `r${priority}`,
      journey: `j${priority}`,
      priority,
    }))
    expect(arbitration.rule(asked(rivals)).because).toMatch(/, 5 worth more \(j7 7, j6 6, j5 5, …\)$/)
  })

  test('has nothing to say where nothing is limited, nothing is left, or it is transactional', () => {
    const limits = { caps: [] }
    expect(arbitration.rule(asked([better], { limits })).because).toBe('nothing limits how many may go')
    const counted = [countedOf('2026-11-22T12:00:00Z'), countedOf('2026-11-23T12:00:00Z')]
    expect(arbitration.rule(asked([better], { counted })).because).toMatch(/no place to compete for$/)
    expect(verdict([better, better], { proposal: { category: 'transactional' } })).toBe('allows')
  })

  const onePlace = { counted: [countedOf('2026-11-23T12:00:00Z')] }
  const held = rivalOf({ status: 'held', priority: 5, at: now - DAY, heldUntil: now })

  test.each<[string, Partial<Rival>, string]>([
    ['due now', {}, 'holds'],
    ['due within the window', { heldUntil: now + 500 }, 'holds'],
    ['due after the window', { heldUntil: now + 501 }, 'allows'],
    ['late by minutes', { heldUntil: now - 600_000 }, 'holds'],
    ['that did not come when its time was there', { heldUntil: now - 600_001 }, 'allows'],
    ['held without a time', { heldUntil: null }, 'allows'],
    ['that has expired', { expiresAt: now }, 'allows'],
    ['that expires in a moment', { expiresAt: now + 1 }, 'holds'],
    ['worth less', { priority: 0.5 }, 'allows'],
    ['that the cap does not count', { category: 'transactional' }, 'allows'],
    ['proposed', { status: 'proposed', heldUntil: null, at: now - 60_000 }, 'holds'],
    [
      'whose process died while it was proposed',
      { status: 'proposed', heldUntil: null, at: now - 60_001 },
      'allows',
    ],
  ])('with a rival %s %j %s', (_, more, is) => {
    expect(verdict([{ ...held, ...more }], onePlace)).toBe(is)
  })
})

describe('a place', () => {
  const wanted = (count: number, priority: number, more: Partial<Wanted> = {}): Wanted[] =>
    Array.from({ length: count }, (_, each) => ({
      ...countedOf(new Date(now - (each + 1) * 2 * DAY).toISOString(), { journey: 'shop' }),
      priority,
      went: true,
      ...more,
    }))
  const reached = wanted(1, 1, { journey: 'care' })
  const others = { otherEnrollments: 2, limits: { holdFor: '3 days' } } as const

  test('is kept where what is likely to come is worth more', () => {
    const ruling = arbitration.rule(asked([], { ...others, wanted: [...reached, ...wanted(12, 20)] }))
    expect(ruling).toMatchObject({ is: 'holds', reason: 'outbid', until: Infinity })
    // 12 in 28 days are 1.714 in the 4 days that a place is missing: two or more with a chance of 0.5112.
    expect(ruling.because).toBe(
      'priority 1; 2 of 2 places left under weekly, 0 worth more, and a place is likely to bring 10.2236 (12 worth more came in 28 days)',
    )
  })

  test('is taken where it is not', () => {
    const ruling = arbitration.rule(asked([], { ...others, wanted: [...reached, ...wanted(2, 5)] }))
    expect(ruling.is).toBe('allows')
    expect(ruling.because).toMatch(/a place is likely to bring 0\.1691/)
  })

  test('is kept more readily the fewer there are', () => {
    const some = [...reached, ...wanted(4, 5)]
    expect(verdict([], { ...others, wanted: some })).toBe('allows')
    expect(
      verdict([], { ...others, wanted: some, ...{ counted: [countedOf('2026-11-23T12:00:00Z')] } }),
    ).toBe('holds')
  })

  test('is asked for again when the next one is free', () => {
    const counted = [countedOf('2026-11-23T12:00:00Z')]
    const ruling = arbitration.rule(
      asked([], { ...others, counted, wanted: [...reached, ...wanted(12, 20)] }),
    )
    expect(ruling).toMatchObject({ is: 'holds', until: at('2026-11-30T12:00:00Z') })
  })

  test('is kept from nobody who is alone, did not get through lately, or is worth as much', () => {
    const many = wanted(12, 20)
    expect(verdict([], { ...others, otherEnrollments: 0, wanted: [...reached, ...many] })).toBe('allows')
    expect(verdict([], { ...others, wanted: many })).toBe('allows')
    expect(
      verdict([], { ...others, wanted: [...wanted(1, 1, { journey: 'care', went: false }), ...many] }),
    ).toBe('allows')
    expect(verdict([], { ...others, wanted: [...reached, ...wanted(12, 1)] })).toBe('allows')
  })

  test('of a cap is kept for what that cap counts', () => {
    expect(
      verdict([], { ...others, wanted: [...reached, ...wanted(12, 20, { category: 'transactional' })] }),
    ).toBe('allows')
  })

  test('of a short window is not kept for those who can wait so long', () => {
    const daily: Cap = { name: 'daily', most: 1, window: { calendar: 'day' } }
    const limits = { caps: [daily], holdFor: '3 days' } as const
    expect(verdict([], { ...others, limits, wanted: [...reached, ...wanted(12, 20)] })).toBe('allows')
  })
})

describe('a marketing touchpoint that others may compete with', () => {
  test('waits a moment for them, once', () => {
    const others = { otherEnrollments: 2 }
    expect(judge(asked([], { ...others, proposal: { proposed: false } }))).toMatchObject({
      is: 'proposed',
      waitMs: 500,
    })
    expect(judge(asked([], others)).is).toBe('allowed')
    expect(judge(asked([], { ...others, proposal: { proposed: false, category: 'transactional' } })).is).toBe(
      'allowed',
    )
    const limits = { arbitration: { windowMs: 0 } }
    expect(judge(asked([], { ...others, limits, proposal: { proposed: false } })).is).toBe('allowed')
  })

  test('does not where there are places for all', () => {
    expect(isContested(asked([], { otherEnrollments: 1 }))).toBe(false)
    expect(isContested(asked([], { otherEnrollments: 2 }))).toBe(true)
    expect(
      isContested(
        asked([rivalOf()], { otherEnrollments: 0, ...{ counted: [countedOf('2026-11-23T12:00:00Z')] } }),
      ),
    ).toBe(true)
    expect(isContested(asked([], { otherEnrollments: 9, limits: { caps: [] } }))).toBe(false)
  })

  test('counts what an enrollment proposed or holds, and not that enrollment once more', () => {
    expect(isContested(asked([rivalOf()], { otherEnrollments: 1 }))).toBe(false)
    expect(isContested(asked([rivalOf()], { otherEnrollments: 2 }))).toBe(true)
    expect(isContested(asked([rivalOf({ otherEnrollment: null })], { otherEnrollments: 1 }))).toBe(true)
    expect(isContested(asked([rivalOf(), rivalOf({ id: 'r2' })], { otherEnrollments: 1 }))).toBe(true)
  })
})

describe('what was outbid', () => {
  const rivals = [rivalOf({ id: 'r1', priority: 5 }), rivalOf({ id: 'r2', priority: 5 })]

  test('is held while it is worth sending, and says until when', () => {
    expect(judge(asked(rivals))).toMatchObject({
      is: 'held',
      because: 'outbid',
      until: now + 3 * DAY,
      expiresAt: now + 3 * DAY,
    })
    expect(judge(asked(rivals, { proposal: { worthMs: DAY } }))).toMatchObject({
      expiresAt: now + DAY,
      until: now + DAY,
    })
  })

  test('expires as outbid, also while those that went fill the cap', () => {
    const counted = [countedOf('2026-11-22T12:00:00Z'), countedOf('2026-11-22T13:00:00Z')]
    const late = { expiresAt: now, heldBecause: 'outbid' } as const
    const judgment = judge(asked([], { counted, proposal: late }))
    expect(judgment).toMatchObject({ is: 'withheld', because: 'outbid' })
    expect(judgment.verdicts.at(-1)).toMatchObject({ rule: 'deadline', allows: false })
    const held = { ...late, expiresAt: now + DAY }
    expect(judge(asked([], { counted, proposal: held }))).toMatchObject({ is: 'held', because: 'outbid' })
    expect(judge(asked([], { counted, proposal: { ...late, heldBecause: 'frequency-cap' } }))).toMatchObject({
      is: 'withheld',
      because: 'frequency-cap',
    })
  })

  test('goes at its deadline where nothing holds it any more', () => {
    expect(judge(asked([], { proposal: { expiresAt: now, heldBecause: 'outbid' } })).is).toBe('allowed')
  })
})
