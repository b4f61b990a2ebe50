import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bestOf } from '../../activities/decisioning/best-chances'
import { effectiveSize, estimators, weight } from '../../activities/decisioning/judging/estimators'
import { judgment } from '../../activities/decisioning/judging/evaluation'
import { lift } from '../../activities/decisioning/judging/lift'
import { upliftCurve } from '../../activities/decisioning/judging/uplift'
import { valueOf } from '../../activities/decisioning/judging/ratio'
import { seeded } from '../../activities/decisioning/random'
import { Ridge, type Features } from '../../activities/decisioning/ridge'

// The expected figures come from other people's code and data: see test/oracle/oracle.py.

const fixture = <Shape>(name: string): Shape =>
  JSON.parse(readFileSync(join(__dirname, 'fixtures', `${name}.json`), 'utf8')) as Shape

interface OpenBandit {
  rows: number
  propensity: number
  clicks: number
  ipw: number
  snipw: number
  effectiveSize: number
  dm: number
  dr: number
  /** Expectations in billionths. */
  rowsOf: { item: number[]; place: string; clicked: number[]; expected: number[]; expectedOfPolicy: number[] }
  prior: [number, number][]
  chances: number[][]
  cells: [item: number, place: number, rows: number, clicks: number][]
}

describe('BernoulliTS judged by Open Bandit’s random log', () => {
  const data = fixture<OpenBandit>('open-bandit')

  const logUnder = (chances: number[][]) =>
    data.cells.flatMap(([item, place, rows, clicks]) =>
      Array.from({ length: rows }, (_, at) => ({
        reward: at < clicks ? 1 : 0,
        propensity: data.propensity,
        chance: chances[item]![place]!,
        expected: 0,
        expectedOfPolicy: 0,
      })),
    )

  test('IPW, SNIPW and the effective size are those that OBP’s distribution gives', () => {
    const log = logUnder(data.chances)
    expect(log).toHaveLength(10_000)
    expect(valueOf(estimators.ipw, log)).toBeCloseTo(data.ipw, 12)
    expect(valueOf(estimators.snipw, log)).toBeCloseTo(data.snipw, 12)
    expect(effectiveSize(log)).toBeCloseTo(data.effectiveSize, 6)
    expect(data.ipw.toFixed(8)).toBe('0.00455288')
    expect(data.snipw.toFixed(8)).toBe('0.00477583')
  })

  test('DM and DR are the published ones, with what OBP’s regression expects', () => {
    const { item, place, clicked, expected, expectedOfPolicy } = data.rowsOf
    const isClicked = new Set(clicked)
    const log = item.map((arm, at) => ({
      reward: Number(isClicked.has(at)),
      propensity: data.propensity,
      chance: data.chances[arm]![Number(place[at])]!,
      expected: expected[at]! / 1e9,
      expectedOfPolicy: expectedOfPolicy[at]! / 1e9,
    }))
    const [dm, dr] = [valueOf(estimators.dm, log), valueOf(estimators.dr, log)]
    expect(dm).toBeCloseTo(data.dm, 8)
    expect(dr).toBeCloseTo(data.dr, 8)
    expect([dm.toFixed(6), dr.toFixed(6)]).toEqual(['0.003545', '0.004727'])
  })

  test('our own draws rank the arms as OBP’s do, within what drawing leaves open', () => {
    const draws = 10_000
    const random = seeded('open bandit')
    const counts = data.prior.map(() => [0, 0, 0])
    for (let drawn = 0; drawn < draws; drawn++) {
      const values = data.prior.map(([a, b]) => random.beta(a, b))
      const order = values.map((_, item) => item).sort((one, other) => values[other]! - values[one]!)
      for (const place of [0, 1, 2]) counts[order[place]!]![place]! += 1
    }
    const own = counts.map((places) => places.map((count) => count / draws))
    const log = logUnder(own)
    // Of an estimate made of the log's rewarded weights, each a share of so many draws.
    const error =
      Math.sqrt(
        log.reduce(
          (sum, { reward, chance, propensity }) =>
            sum + (reward * (chance * (1 - chance))) / draws / propensity ** 2,
          0,
        ) * data.clicks,
      ) / log.length
    expect(Math.abs(valueOf(estimators.ipw, log) - data.ipw)).toBeLessThan(4 * error)
    expect(error).toBeLessThan(0.1 * data.ipw)
  })

  test('and we say that 38 clicks prove nothing', () => {
    expect(data.clicks).toBe(38)
    const { warnings } = judgment(logUnder(data.chances).filter(weight))
    expect(warnings.join(' ')).toMatch(/Only \d+ rewarded decisions bear on this policy/)
  })
})

interface Digits {
  warm: number
  alpha: number
  ridge: number
  labels: string
  pixels: string
  chosen: string
  right: number
}

describe('handwritten digits, of which only rewards are seen', () => {
  const data = fixture<Digits>('digits')
  const images = Array.from(data.labels, (_, at) =>
    Object.fromEntries(
      Array.from(data.pixels.slice(at * 64, at * 64 + 64), (pixel, place) => [
        `p${place}`,
        parseInt(pixel, 17),
      ]),
    ),
  )
  const upper = (model: Ridge, x: Features, alpha: number) =>
    model.mean(x) + alpha * Math.sqrt(model.covariance(x, x))

  test('LinUCB decides as mabwiser’s does, every time', () => {
    const models = Array.from({ length: 10 }, () => new Ridge(data.ridge))
    const chosen = images.map((image, at) => {
      const arm = at < data.warm ? at % 10 : bestOf(models.map((each) => upper(each, image, data.alpha)))
      models[arm]!.learn(image, Number(arm === Number(data.labels[at])))
      return arm
    })
    expect(chosen.slice(data.warm).join('')).toBe(data.chosen)
  })
})

test.each(['default', 'intensive'] as const)('the lift of %s in the insurance trial', (column) => {
  const trial = fixture<Record<string, Parameters<typeof treatedOf>[0]>>('insurance')[column]!
  const found = lift(...treatedOf(trial))
  expect(found.difference).toBeCloseTo(trial.difference, 12)
  expect(found.standardError).toBeCloseTo(trial.standardError, 12)
  const expected = { default: ['0.1056', '0.0265'], intensive: ['0.0016', '0.0266'] }[column]
  expect([trial.difference.toFixed(4), trial.standardError.toFixed(4)]).toEqual(expected)
  expect(found.once.low > 0).toBe(column === 'default')
})

interface Uplift {
  customers: [score: number, treated: number, reward: number][]
  points: [customers: number, gain: number][]
  auuc: number
  qini: number
}

test('the Qini curve is scikit-uplift’s, point by point, and so are the areas', () => {
  const { customers, ...expected } = fixture<Uplift>('uplift')
  const trial = customers.map(([score, treated, reward]) => ({ score, treated: treated === 1, reward }))
  const found = upliftCurve(trial)
  expect(found.points).toHaveLength(expected.points.length)
  for (const [at, [count, gain]] of expected.points.entries()) {
    expect(found.points[at]!.share).toBeCloseTo(count / trial.length, 12)
    expect(found.points[at]!.gain).toBeCloseTo(gain, 9)
  }
  expect(found.auuc).toBeCloseTo(expected.auuc, 9)
  expect(found.qini).toBeCloseTo(expected.qini, 9)
})

interface Group {
  converted: number
  of: number
}

const treatedOf = (trial: { treated: Group; heldOut: Group; difference: number; standardError: number }) =>
  [trial.treated, trial.heldOut] as const

interface Judged extends Record<'ipw' | 'snipw' | 'dm' | 'dr', { value: number; low: number; high: number }> {
  rows: [reward: number, propensity: number, chance: number, expected: number, expectedOfPolicy: number][]
  effectiveSize: number
}

describe('estimates and their intervals are what numpy makes of the same log', () => {
  test.each(Object.entries(fixture<Record<string, Judged>>('estimates')))('%s', (_, { rows, ...told }) => {
    const log = rows.map(([reward, propensity, chance, expected, expectedOfPolicy]) => ({
      reward,
      propensity,
      chance,
      expected,
      expectedOfPolicy,
    }))
    const { estimates, effectiveSize: size } = judgment(log)
    expect(size / told.effectiveSize).toBeCloseTo(1, 9)
    for (const name of ['ipw', 'snipw', 'dm', 'dr'] as const) {
      const [ours, numpy] = [estimates[name], told[name]]
      const scale = Math.max(Math.abs(numpy.value), 1e-9)
      expect(Math.abs(ours.value - numpy.value) / scale).toBeLessThan(1e-9)
      // 500 resamples beside 20,000: a quantile of fewer varies by a tenth of the interval.
      const apart = 0.2 * (numpy.high - numpy.low) + 1e-9
      expect(Math.abs(ours.low - numpy.low)).toBeLessThan(apart)
      expect(Math.abs(ours.high - numpy.high)).toBeLessThan(apart)
    }
  })
})
