import { createModels, type Models, type ModelSettings, type Question } from '../../activities/models'
import type { Lookup } from '../../channels/public-address'
import { model, type Model } from '../../sdk'
import { answering, hanging, modelServerDouble, type ModelServerDouble } from '../doubles/model-server'

let server: ModelServerDouble
let clock: number
const opened: Models[] = []
beforeEach(async () => {
  server = await modelServerDouble()
  clock = 0
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((models) => models.close()))
  await server.close()
})

function models(more: Partial<ModelSettings> = {}): Models {
  const servers = { churn: { url: server.url } }
  const made = createModels({ servers, privateHosts: ['127.0.0.1'], now: () => clock, ...more })
  opened.push(made)
  return made
}

const question: Question = {
  customerId: 'mira',
  journey: 'careOffer',
  step: 'offer',
  arms: [{ arm: 'discount' }, { arm: 'call', features: { dear: 1 } }],
  context: { years: 2 },
}
const chance = model({ http: 'churn', timeoutMs: 3_000 })
/** Not waited for long: it never answers. */
const impatient = model({ http: 'churn', timeoutMs: 100 })
const ask = (asked: Model = chance, of: Models = models()) => of.score(asked, question)

test('scores of a server, with its version; it is told who, where, which arms and what is known', async () => {
  server.answer = answering({ scores: { call: 0.4, discount: 0 }, version: '2026-11-01' })
  const scores = { discount: 0, call: 0.4 }
  expect(await ask()).toEqual({ is: 'scored', scores, version: '2026-11-01' })
  expect(server.asked).toEqual([{ model: 'churn', ...question }])
})

test.each([
  ['hangs', hanging, 'too-slow', 'no answer within 100 ms'],
  ['stops in the middle', ((_, r) => void r.write('{"scores":')) as typeof hanging, 'too-slow', /100 ms/],
  ['answers HTML', answering('<html>Sign in</html>', 200, { 'content-type': 'text/html' }), 'not-understood', undefined],
  ['answers nothing', answering(''), 'not-understood', undefined],
  ['answers null', answering(null), 'not-understood', undefined],
  ['answers a list', answering({ scores: [0.1, 0.2] }), 'not-understood', undefined],
  ['answers endlessly', answering({ scores: {}, more: 'x'.repeat(200_000) }), 'not-understood', undefined],
  ['is broken', answering('{}', 500), 'refused', 'it answered 500'],
  ['sends us elsewhere', answering('', 302, { location: 'http://169.254.169.254/' }), 'refused', 'it answered 302'],
  ['breaks off', ((_, r) => void r.destroy()) as typeof hanging, 'unreachable', /UND_ERR_SOCKET|ECONNRESET/],
  ['speaks of other arms', answering({ scores: { discount: 1, call: 0, gift: 1 } }), 'other-arms', 'it was not asked about "gift"'],
  ['forgets an arm', answering({ scores: { discount: 1 } }), 'other-arms', 'it says nothing of "call"'],
  ['says NaN', answering('{"scores":{"discount":NaN,"call":1}}'), 'not-understood', undefined],
  ['says null', answering({ scores: { discount: null, call: 1 } }), 'no-number', 'what it says of "discount" is no chance'],
  ['says infinity', answering('{"scores":{"discount":1e999,"call":1}}'), 'no-number', /discount/],
  ['says more than certain', answering({ scores: { discount: 0.2, call: 1.01 } }), 'no-number', 'what it says of "call" is no chance'],
  ['says a text', answering({ scores: { discount: '0.2', call: 1 } }), 'no-number', /discount/],
])('a server that %s tells nothing, and why', async (_, answer, because, detail) => {
  server.answer = answer
  const found = await ask(because === 'too-slow' ? impatient : chance)
  expect(found).toMatchObject({ is: 'unscored', because })
  const told = (found as { detail?: string }).detail
  if (detail instanceof RegExp) expect(told).toMatch(detail)
  else expect(told).toBe(detail)
}) // prettier-ignore

test('an effect and a value may be below 0 and above 1', async () => {
  server.answer = answering({ scores: { discount: -0.2, call: 40 } })
  for (const says of ['effect', 'value'] as const)
    expect(await ask(model({ http: 'churn', says }))).toMatchObject({ scores: { discount: -0.2, call: 40 } })
})

describe('a model that says effects against a baseline', () => {
  const uplift = model({ http: 'churn', says: 'effect', baseline: 'nothing' })
  const against: Question = { ...question, baseline: 'nothing' }

  test('is told which, and may say 0 of it or leave it out', async () => {
    for (const scores of [
      { discount: -0.2, call: 0.1 },
      { discount: -0.2, call: 0.1, nothing: 0 },
    ]) {
      server.answer = answering({ scores })
      expect(await models().score(uplift, against)).toEqual({
        is: 'scored',
        scores: { discount: -0.2, call: 0.1 },
        version: undefined,
      })
    }
    expect(server.asked[0]).toMatchObject({ baseline: 'nothing', arms: question.arms })
  })

  test.each([
    ['another effect of it than 0', { discount: 0, call: 1, nothing: 0.1 }, 'no-number'],
    ['null of it', { discount: 0, call: 1, nothing: null }, 'no-number'],
    ['nothing but it', { nothing: 0 }, 'other-arms'],
    ['nothing of another', { discount: 0.1, nothing: 0 }, 'other-arms'],
    ['something of an arm that nobody asked about', { discount: 0, call: 1, gift: 0 }, 'other-arms'],
    ['NaN as a text', { discount: 'NaN', call: 1 }, 'no-number'],
  ])('says nothing usable when it says %s', async (_, scores, because) => {
    server.answer = answering({ scores })
    expect(await models().score(uplift, against)).toMatchObject({ is: 'unscored', because })
  })

  test.each([
    ['HTML', '<!doctype html>'],
    ['nothing', ''],
    ['NaN', '{"scores":{"discount":NaN,"call":1}}'],
  ])('nor when it answers %s', async (_, body) => {
    server.answer = answering(body)
    expect(await models().score(uplift, against)).toMatchObject({ because: 'not-understood' })
  })
})

test('a name that nobody set, a server that is gone, and one that is not at a public address', async () => {
  expect(await ask(model({ http: 'uplift' }))).toMatchObject({ because: 'not-configured' })
  const gone = models({ servers: { churn: { url: 'http://127.0.0.1:1/' } } })
  expect(await ask(chance, gone)).toMatchObject({ because: 'unreachable', detail: 'ECONNREFUSED' })
  const closed = { because: 'unreachable', detail: expect.stringContaining('MODEL_PRIVATE_HOSTS') as string }
  expect(await ask(chance, models({ privateHosts: [] }))).toMatchObject(closed)
  const servers = { churn: { url: 'http://models.example/' } }
  const lookup: Lookup = (_, __, done) => done(null, [{ address: '10.0.0.7', family: 4 }])
  expect(await ask(chance, models({ servers, lookup }))).toMatchObject(closed)
  expect(server.asked).toEqual([])
})

test('a login in the URL goes as a header', async () => {
  server.answer = answering({ scores: { call: 0, discount: 0 } })
  await ask(chance, models({ servers: { churn: { url: server.url, authorization: 'Basic bTpwdw==' } } }))
  expect(server.headers).toMatchObject([{ authorization: 'Basic bTpwdw==' }])
})

test('a server that failed five times rests ten seconds; then one question tries it', async () => {
  server.answer = answering('', 503)
  const of = models()
  for (let asked = 0; asked < 5; asked++) expect(await ask(chance, of)).toMatchObject({ because: 'refused' })
  expect(await ask(chance, of)).toEqual({ is: 'unscored', because: 'resting' })
  expect(server.asked).toHaveLength(5)
  clock += 10_000
  const both = await Promise.all([ask(chance, of), ask(chance, of)])
  expect(both).toMatchObject([{ because: 'refused' }, { because: 'resting' }])
  clock += 10_000
  server.answer = answering({ scores: { discount: 1, call: 0 } })
  expect(await ask(chance, of)).toMatchObject({ is: 'scored' })
  expect(await ask(chance, of)).toMatchObject({ is: 'scored' })
})

test('an answer about other arms is no reason to leave a server alone', async () => {
  server.answer = answering({ scores: { gift: 1 } })
  const of = models()
  for (let asked = 0; asked < 8; asked++)
    expect(await ask(chance, of)).toMatchObject({ because: 'other-arms' })
})

test('an answer counts for the same question as long as the model says, and no failure does', async () => {
  const cached = model({ http: 'churn', cache: '10 minutes' })
  const of = models()
  server.answer = answering('', 500)
  await ask(cached, of)
  server.answer = answering({ scores: { discount: 0.1, call: 0.2 } })
  expect(await ask(cached, of)).not.toHaveProperty('cached')
  clock += 599_999
  expect(await ask(cached, of)).toMatchObject({ scores: { discount: 0.1 }, cached: true })
  await of.score(cached, { ...question, context: { years: 3 } })
  expect(server.asked).toHaveLength(3)
  clock += 1
  expect(await ask(cached, of)).not.toHaveProperty('cached')
})

test('a model may not be waited for longer than three seconds', () => {
  expect(() => model({ http: 'churn', timeoutMs: 5_000 })).toThrow(
    /waits 10 to 3000 ms for a model, not 5000/,
  )
  expect(() => model({ http: 'churn', timeoutMs: NaN })).toThrow(RangeError)
})
