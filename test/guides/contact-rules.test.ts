import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { firstLimits, judge, type Limits } from '../../sdk/contact'
import { at, contactOf, countedOf } from '../contact/proposals'

const guide = readFileSync(join(__dirname, '../../docs/guides/contact-rules.md'), 'utf8')
const limits = JSON.parse(/```json\n(.*?)```/s.exec(guide)![1]!) as Limits

describe('the limits in the guide', () => {
  const held = (
    when: string,
    country: string,
    channel: string,
    counted: Parameters<typeof countedOf>[0][] = [],
  ) => {
    const judgment = judge(
      contactOf({
        country,
        counted: counted.map((each) => countedOf(each)),
        consents: [{ channel, purpose: 'marketing', state: 'granted', occurredAt: 0 }],
        limits: { ...limits, holdout: 0, spreadOver: '0 minutes' },
        proposal: { at: at(when), channel },
      }),
    )
    return judgment.is === 'held'
      ? `${judgment.because} ${new Date(judgment.until).toISOString().slice(0, 16)}`
      : judgment.is
  }

  test('name everything that limits have', () => {
    expect(Object.keys(limits).sort()).toEqual(Object.keys(firstLimits).sort())
  })

  test('mean what the guide says', () => {
    expect(held('2027-02-01T21:30+01:00', 'DE', 'sms')).toBe('quiet-hours 2027-02-02T07:00')
    expect(held('2027-02-01T21:30+01:00', 'ES', 'sms')).toBe('allowed')
    expect(held('2027-02-02T13:30+01:00', 'FR', 'voice')).toBe('quiet-hours 2027-02-02T13:00')
    // Over Easter Monday, so that it expires before.
    expect(held('2027-03-26T20:30+01:00', 'FR', 'voice')).toBe('quiet-hours 2027-03-29T19:30')
    expect(held('2027-02-02T12:00+01:00', 'DE', 'email', ['2027-02-02T09:00+01:00'])).toBe(
      'frequency-cap 2027-02-02T23:00',
    )
  })
})
