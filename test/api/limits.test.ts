import { firstLimits } from '../../sdk/contact'
import { keyNamed } from '../support/keys'
import { keys, stopAll, testApi, type TestApi } from './support'
import { freshStore } from '../support/postgres'

let api: TestApi
beforeAll(async () => {
  api = await testApi({ keys: [...keys, keyNamed('second-admin', 'admin')] })
})
afterAll(stopAll)

const as = (key: string) => ({ authorization: `Bearer ${key}` })
const reason = 'the spring campaign'
const cap = { name: 'email', channels: ['email'], most: 3, window: { rolling: '7 days' } }
const put = (limits: object, more: object = {}, key = 'admin-key') =>
  api.call('PUT', '/v1/limits', { limits, reason, ...more }, as(key))

/** The paths of what is wrong with the first limits, changed so. */
async function faults(more: object): Promise<string[]> {
  const { status, body } = await put({ ...firstLimits, ...more })
  expect([status, body.code]).toEqual([400, 'invalid-request'])
  return body.errors.map(({ path }: { path: string }) => path)
}

describe('limits', () => {
  test('a full document is put, read back as it was given, and found in the history', async () => {
    const limits = {
      ...firstLimits,
      caps: [cap, { name: 'calm', most: 0, journeys: ['cartRecovery'], window: { calendar: 'month' } }],
      holidays: { german: ['2027-12-25', '2028-02-29'] },
      quietHours: [
        { name: 'feasts', from: '00:00', to: '00:00', countries: ['DE'], weekdays: [1, 7], onHolidays: ['german'] },
      ],
      arbitration: { windowMs: 0, levers: { cartRecovery: -99.5 }, contexts: { email: 10_000 } },
      holdFor: '60 days',
      spreadOver: '12 hours',
      holdout: 1,
    } // prettier-ignore
    const answer = await put(limits, { basedOn: 0, by: 'Ann' })
    expect([answer.status, answer.body.warnings]).toEqual([200, []])
    expect(answer.body).toMatchObject({ state: 'active', basedOn: 0, written: { key: 'admin-key', by: 'Ann', reason } })
    const { body } = await api.call('GET', '/v1/limits', undefined, as('read-key'))
    expect(body.limits).toEqual(limits)
    expect((await api.call('GET', '/v1/limits/history?limit=1')).body).toEqual({ items: [body], next: null })
  }) // prettier-ignore

  test('names that nothing bears are warned of, and taken', async () => {
    const { status, body } = await put({
      ...firstLimits,
      caps: [{ ...cap, channels: ['emial'], journeys: ['nextOne'] }],
      arbitration: { windowMs: 500, levers: { winBack: 20, winback: 20 } },
    })
    expect(status).toBe(200)
    expect(body.warnings).toHaveLength(3)
    expect(body.warnings.join()).toMatch(/"nextOne".*"winback".*"emial"/)
  })

  test('who changes what another changed meanwhile is told what to do', async () => {
    const { body } = await api.call('GET', '/v1/limits')
    await put({ ...firstLimits, holdout: 0.01 }, { basedOn: body.revision })
    const late = await put({ ...firstLimits, holdout: 0.02 }, { basedOn: body.revision })
    expect([late.status, late.body.code]).toEqual([409, 'limits-changed'])
    expect(late.body.next).toContain('basedOn')
  })

  test.each([
    ['caps[0].most', { caps: [{ ...cap, most: -1 }] }],
    ['caps[0].most', { caps: [{ ...cap, most: 10_001 }] }],
    ['caps[0].most', { caps: [{ ...cap, most: 2.5 }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '0 days' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '-7 days' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '59 seconds' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '367 days' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '999999999999999999999999 weeks' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '1 month' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: 'P7D' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { calendar: 'year' } }] }],
    ['caps[0].window', { caps: [{ ...cap, window: { rolling: '7 days', calendar: 'day' } }] }],
    ['caps[1].name', { caps: [cap, cap] }],
    ['caps[0].channels', { caps: [{ ...cap, channels: [] }] }],
    ['caps[0].channels', { caps: [{ ...cap, channels: ['email', 'email'] }] }],
    ['caps[0].categories[0]', { caps: [{ ...cap, categories: ['news'] }] }],
    ['caps[0]', { caps: [{ ...cap, window_: 1 }] }],
    ['caps', { caps: Array.from({ length: 201 }, (_, at) => ({ ...cap, name: `cap ${at}` })) }],
    ['quietHours[0].from', { quietHours: [{ name: 'n', from: '24:00', to: '08:00' }] }],
    ['quietHours[0].to', { quietHours: [{ name: 'n', from: '21:00', to: '8:00' }] }],
    ['quietHours[0].weekdays[0]', { quietHours: [{ name: 'n', from: '21:00', to: '08:00', weekdays: [0] }] }],
    ['quietHours[0].countries[0]', { quietHours: [{ name: 'n', from: '21:00', to: '08:00', countries: ['de'] }] }],
    ['quietHours[0].countries[0]', { quietHours: [{ name: 'n', from: '21:00', to: '08:00', countries: ['UK'] }] }],
    ['quietHours[0].countries[0]', { quietHours: [{ name: 'n', from: '21:00', to: '08:00', countries: ['XX'] }] }],
    ['quietHours[0].onHolidays[0]', { quietHours: [{ name: 'n', from: '21:00', to: '08:00', onHolidays: ['nowhere'] }] }],
    ['holidays.german[0]', { holidays: { german: ['2027-02-29'] } }],
    ['silence[0].means', { silence: [{ means: 'perhaps' }] }],
    ['holdFor', { holdFor: '61 days' }],
    ['spreadOver', { spreadOver: '13 hours' }],
    ['spreadOver', { spreadOver: '0 minutes' }],
    ['arbitration.windowMs', { arbitration: { windowMs: 5_001 } }],
    ['arbitration.levers.care', { arbitration: { windowMs: 0, levers: { care: -100 } } }],
    ['arbitration.contexts.email', { arbitration: { windowMs: 0, contexts: { email: 10_001 } } }],
    ['holdout', { holdout: 1.01 }],
    ['holdout', { holdout: -0.1 }],
    ['holdout', { holdout: '0.1' }],
  ])('%s: wrong in %j is refused with its path', async (path, more) => {
    expect(await faults(more)).toEqual([expect.stringContaining(`limits.${path}`)])
  }) // prettier-ignore

  test('what is left out, and what is unknown, is refused; and so is a change without a reason', async () => {
    const { caps, ...without } = firstLimits
    expect((await put(without)).body.errors[0].path).toBe('limits.caps')
    expect((await put({ ...firstLimits, caps, colour: 'red' })).status).toBe(400)
    expect((await put(firstLimits, { reason: '' })).body.errors[0].path).toBe('reason')
  })

  test('keys of smaller roles read, and change nothing', async () => {
    expect((await put(firstLimits, {}, 'operate-key')).status).toBe(403)
    expect((await api.call('GET', '/v1/limits', undefined, as('ingest-key'))).status).toBe(403)
  })

  test('where another must approve, a change is a draft until then', async () => {
    const store = await freshStore()
    const careful = await testApi({ store, limitsApproval: true, keys: [...keys, keyNamed('second-admin', 'admin')] })
    const draft = await careful.call('PUT', '/v1/limits', { limits: { ...firstLimits, caps: [cap] }, reason })
    expect([draft.status, draft.body.state]).toEqual([202, 'draft'])
    const decide = (decision: string, key: string) =>
      careful.call('POST', `/v1/limits/${draft.body.revision}/${decision}`, { reason: 'seen' }, as(key))
    expect((await decide('approve', 'operate-key')).status).toBe(403)
    const own = await decide('approve', 'admin-key')
    expect([own.status, own.body.code]).toEqual([403, 'needs-another-key'])
    expect((await careful.call('GET', '/v1/limits')).body.revision).toBe(0)
    const approved = await decide('approve', 'second-admin')
    expect(approved.body).toMatchObject({ state: 'active', decided: { key: 'second-admin', reason: 'seen' } })
    const again = await decide('reject', 'second-admin')
    expect([again.status, again.body.code]).toEqual([409, 'decided-before'])
    expect((await careful.call('GET', '/v1/limits/history?state=draft')).body.items).toEqual([])
    expect((await careful.call('POST', '/v1/limits/99/approve', { reason }, as('second-admin'))).status).toBe(404)
    await store.close()
  }) // prettier-ignore
})

describe('stops', () => {
  const begin = (body: object, key = 'operate-key') =>
    api.call('POST', '/v1/stops', { reason: 'odd texts', ...body }, as(key))

  test('one begins, is there once, and ends', async () => {
    const begun = await begin({ scope: 'channel', name: 'email', by: 'Ann' })
    expect(begun.status).toBe(201)
    expect(begun.body).toMatchObject({ scope: 'channel', name: 'email', begun: { key: 'operate-key', by: 'Ann' }, ended: null })
    const again = await begin({ scope: 'channel', name: 'email' })
    expect([again.status, again.body]).toEqual([200, begun.body])
    expect((await api.call('GET', '/v1/stops?inForce=true')).body.items).toEqual([begun.body])
    const ended = await api.call('POST', `/v1/stops/${begun.body.id}/end`, { reason: 'right again' }, as('operate-key'))
    expect(ended.body).toMatchObject({ id: begun.body.id, ended: { key: 'operate-key', reason: 'right again' } })
    expect((await api.call('GET', '/v1/stops?inForce=true')).body.items).toEqual([])
    expect((await api.call('GET', '/v1/stops')).body.items).toEqual([ended.body])
    expect((await api.call('POST', '/v1/stops/99/end', { reason })).status).toBe(404)
  }) // prettier-ignore

  test('a name that nothing bears is refused, with those there are', async () => {
    const { status, body } = await begin({ scope: 'journey', name: 'winback' })
    expect([status, body.errors[0].path]).toEqual([400, 'name'])
    expect(body.detail).toContain('cartRecovery, trialOnboarding, winBack')
    expect((await begin({ scope: 'channel', name: 'smtp' })).body.detail).toContain(
      'email, sms, whatsapp, push, web-push, slack, voice, inbox, audience, webhook',
    )
    expect((await begin({ scope: 'provider', name: 'email' })).body.detail).toContain(
      'smtp, sendgrid, postmark, ses, twilio, meta, fcm, web-push, slack, agents, inbox, audience-webhook, standard-webhook',
    )
    expect((await begin({ scope: 'everything', name: 'email' })).status).toBe(400)
    expect((await begin({ scope: 'provider' })).status).toBe(400)
    expect((await begin({ scope: 'customer', name: 'ada' })).status).toBe(400)
  })

  test('a key that only reads stops nothing', async () => {
    expect((await begin({ scope: 'everything' }, 'read-key')).status).toBe(403)
  })
})
