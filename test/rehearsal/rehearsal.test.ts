import {
  appointmentBooked,
  cancellationConsidered,
  cartUpdated,
  courseStarted,
  deviceGone,
  deviceSeen,
  orderCompleted,
  projectCreated,
  trialStarted,
} from '../../catalog/events'
import {
  addToAudience,
  atLeast,
  completed,
  email,
  eventsOf,
  push,
  removeFromAudience,
  slack,
  transactional,
  webPush,
  whatsapp,
  type Nouns,
} from '../../sdk'
import { rehearsals, StoryDiffers, journeyMatchers } from '../../sdk/testing'
import { defineJourney } from '../../workflows/enrollment'
import {
  appointmentReminder,
  careOffer,
  cartRecovery,
  mailCourse,
  postPurchase,
  subscriptionCare,
  trialOnboarding,
  winBack,
} from '../../workflows/journeys'
import { rehearse } from '../../workflows/testing'

const event = eventsOf<Record<string, Record<string, unknown>>>()
const [asked, told] = [event('Asked'), event('Told')]

expect.extend(journeyMatchers)

describe('channels', () => {
  const telling = defineJourney({ enrollOn: asked, reentry: 'after-end' }, async (journey) => {
    await journey.send('phone', transactional(push('orders/late')))
    await journey.send('browser', transactional(webPush('orders/late')))
    await journey.send('chat', transactional(slack('orders/late')))
    await journey.send('call', transactional(whatsapp('orders/late')))
    await journey.send('ads', addToAudience('ads', 'lapsed'))
    await journey.send('no-ads', removeFromAudience('ads', 'lapsed'))
  })
  const rehearseTelling = rehearsals<Nouns>({ telling })
  const app = { device: { token: 'fcm-1', type: 'ios' } }
  const browser = {
    device: { token: 'https://push.example/1', type: 'web' },
    webpush_p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    webpush_auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  }

  test('reach the devices and the ids that the customer has by then', async () => {
    const customer: object = { slackId: 'U1', phone: '+4930123456' }
    await rehearseTelling(telling, { customer })
      .event(deviceSeen, app)
      .event(deviceSeen, browser)
      .consent('granted', { channel: 'audience', purpose: 'marketing' })
      .event(asked)
      .expectSent('phone')
      .expectSent('browser')
      .expectSent('chat')
      .expectSent('call')
      .expectSent('ads')
      .expectSent('no-ads')
  })

  test('and none that are gone, or that nobody named', async () => {
    const customer: object = { phone: undefined }
    await rehearseTelling(telling, { customer })
      .event(deviceSeen, app)
      .event(deviceSeen, browser)
      .event(deviceGone, app)
      .event(deviceGone, { device: browser.device })
      .event(asked)
      .expectWithheld('phone', 'no-address')
      .expectWithheld('browser', 'no-address')
      .expectWithheld('chat', 'no-address')
      .expectWithheld('call', 'no-address')
      .expectWithheld('ads', 'no-consent')
      .expectSent('no-ads')
  })

  test('a device that is none is a mistake of the story', async () => {
    const story = rehearseTelling(telling).event(deviceSeen, { device: { token: '', type: 'ios' } })
    await expect(Promise.resolve(story)).rejects.toThrow('device.token must be a text')
  })
})

describe('contact rules', () => {
  const capOf = (most: number) => ({ name: 'one', most, window: { rolling: '2 days' } }) as const

  test('a journey worth more takes the place that another waits for', async () => {
    const mailer = (priority: number, step: string) =>
      defineJourney({ enrollOn: asked, priority }, async (journey) => {
        await journey.send(step, email('trial/welcome'))
      })
    const [cheap, dear] = [mailer(1, 'cheap'), mailer(9, 'dear')]
    const both = rehearsals<Nouns>({ cheap, dear })
    await both(cheap, { beside: [dear], limits: { caps: [capOf(1)] } })
      .event(asked)
      .after('1 second')
      .expectHeld('cheap')
      .in(dear)
      .expectSent('dear')
      .in(cheap)
      .at('+2 days')
      .after('1 second')
      .expectSent('cheap')
  })

  test('a place that is free is not waited for', async () => {
    await rehearse(trialOnboarding, { limits: { caps: [capOf(1)] } })
      .event(trialStarted)
      .expectSent('welcome', '2026-03-02T09:00')
  })

  test('the global holdout, a stop, and an address that is missing', async () => {
    const begun = (setting: Parameters<typeof rehearse>[1]) =>
      rehearse(trialOnboarding, setting).event(trialStarted)
    await begun({ limits: { holdout: 1 } }).expectWithheld('welcome', 'holdout')
    await begun({ customer: { email: undefined } }).expectWithheld('welcome', 'no-address')
    await begun({ stops: [{ id: 1, scope: 'channel', name: 'email' }] }).expectHeld('welcome', 'stopped')
  })

  test('what is held when the goal is reached is withdrawn', async () => {
    await rehearse(cartRecovery, { stops: [{ id: 1, scope: 'everything', name: null }] })
      .event(cartUpdated, { cart_id: 'c-1', total: 40 })
      .after('2 hours')
      .expectHeld('reminder', 'stopped')
      .event(orderCompleted, { order_id: 'o-1', total: 40, cart_id: 'c-1' })
      .expectWithheld('reminder', 'withdrawn')
      .expectOutcome({ is: 'converted' })
  })

  test('a customer who moves gets it by the new clock', async () => {
    await rehearse(trialOnboarding, { customer: { timezone: 'Europe/Berlin' } })
      .event(trialStarted)
      .expectSent('welcome')
      .at('+3 days')
      .after('1 hour')
      .identify({ timezone: 'America/New_York' })
      .at('+5 days')
      .expectSent('show-first-step', '2026-03-05T09:00')
  })
})

describe('entry', () => {
  test('a journey is entered again as its definition says', async () => {
    const cart = { cart_id: 'c-1', total: 40 }
    const emptied = rehearse(cartRecovery).event(cartUpdated, cart).untilEnd().expectSent('reminder')
    const ended = emptied.expectSent('last-reminder').expectOutcome({ is: 'completed' })
    await ended.after('6 days').event(cartUpdated, cart).after('2 hours').expectNothingMore()
    await ended.after('8 days').event(cartUpdated, cart).after('2 hours').expectSent('reminder')
    await rehearse(cartRecovery)
      .event(cartUpdated, { ...cart, total: 19 })
      .untilEnd()
      .expectNothingMore()
  })

  test('one enrollment for each key', async () => {
    const orders = rehearse(postPurchase)
      .event(orderCompleted, { order_id: 'o-1', total: 80 })
      .event(orderCompleted, { order_id: 'o-2', total: 80 })
    const { seen } = await orders
    expect(seen.enrollments).toHaveLength(2)
  })

  test('who continues as a journey that is not in the story was asked into it', async () => {
    const id = 'somebody-in'
    await rehearse(subscriptionCare, { customer: { id } })
      .enroll()
      .event(event('Subscription Cancelled'))
      .expectOutcome({ is: 'completed' })
      .expectEnrolled('winBack')
    const inside = await rehearse(subscriptionCare, { customer: { id }, beside: [winBack] })
      .enroll()
      .event(event('Subscription Cancelled'))
    expect(inside.seen.enrollments.map(({ journey }) => journey)).toEqual(['subscriptionCare', 'winBack'])
  })
})

describe('what goes wrong', () => {
  const broken = defineJourney({ enrollOn: asked }, async (journey) => {
    await journey.waitFor('answer', { told }, '1 day')
    throw new Error('a mistake of the author')
  })
  const endless = defineJourney({ enrollOn: asked }, async (journey) => {
    for (;;) await journey.sleep('again', '1 day')
  })
  const calling = defineJourney({ enrollOn: asked }, async (journey) => {
    const answer = await journey.call('points', 'loyaltyPoints', { customerId: 'ada', orderTotal: 1 })
    return { is: 'completed', because: answer.is === 'failed' ? answer.because : 'done' }
  })
  const ours = rehearsals<any>({ broken, endless, calling })

  test('what a body throws is what the story rejects with', async () => {
    await expect(ours(broken).event(asked).untilEnd()).rejects.toThrow('a mistake of the author')
  })

  test('a journey without an end does not keep the test for ever', async () => {
    await expect(ours(endless).event(asked).untilEnd()).rejects.toThrow('It does not end by itself')
  })

  test('an activity must be answered for, and may fail', async () => {
    await expect(ours(calling).event(asked)).rejects.toThrow('The journey calls loyaltyPoints')
    const loyaltyPoints = (): never => {
      throw new Error('no points today')
    }
    await ours(calling, { calls: { loyaltyPoints } })
      .event(asked)
      .expectOutcome({ is: 'completed', because: 'no points today' })
  })

  test('a journey that was not bound is named', () => {
    expect(() => rehearse(broken)).toThrow('none of those that rehearsals(…) was given')
  })
})

describe('differences', () => {
  const begun = rehearse(trialOnboarding, { customer: { timezone: 'Europe/Berlin' } }).event(trialStarted)
  const differenceOf = async (story: PromiseLike<unknown>): Promise<StoryDiffers> =>
    Promise.resolve(story).then(
      () => Promise.reject(new Error('there is no difference')),
      (error: StoryDiffers) => error,
    )

  test('another touchpoint is marked in the timeline', async () => {
    const error = await differenceOf(begun.expectSent('hello'))
    expect(error).toBeInstanceOf(StoryDiffers)
    expect(error.message).toContain('Expected: hello sent; welcome sent came instead.')
    expect(error.message).toContain(
      '> Mon 2 Mar 09:00   trialOnboarding: welcome by email sent   <-- expected: hello sent',
    )
  })

  test('the first difference counts, and points to the line of the story', async () => {
    const error = await differenceOf(begun.expectSent('welcome').expectSent('one').expectSent('two'))
    expect(error.message).toContain('Expected: one sent; nothing more came.')
    expect(error.stack!.split('\n').find((line) => line.includes(' at '))).toContain('rehearsal.test.ts')
  })

  test.each([
    [
      'a touchpoint that was not told',
      begun.expectSent('welcome').untilEnd(),
      'nothing more; show-first-step sent',
    ],
    ['another time', begun.expectSent('welcome', '2026-03-02T10:00'), 'welcome sent at 2026-03-02T10:00'],
    [
      'another fate',
      begun.expectWithheld('welcome', 'no-consent'),
      'welcome withheld (no-consent); welcome sent',
    ],
    ['not held', begun.expectHeld('welcome'), 'welcome held; it is sent'],
    ['another step', begun.expectWaiting('habit'), 'waiting at habit; waiting at first-project'],
    [
      'another outcome',
      begun.expectOutcome({ is: 'converted' }),
      '{"is":"converted"}; waiting at first-project',
    ],
    ['no other journey', begun.expectEnrolled('winBack'), 'enrolled into winBack; not enrolled'],
    ['another trait', begun.expectTraits({ plan: 'team' }), 'plan "team"; undefined'],
  ])('%s', async (_, story, words) => {
    expect((await differenceOf(story)).message).toContain(words)
  })

  test('a story may go on in several ways', async () => {
    await begun.event(projectCreated).expectWaiting('habit')
    await begun.expectWaiting('first-project')
  })
})

test('matchers tell the timeline when they fail', async () => {
  const rehearsed = await rehearse(trialOnboarding).event(trialStarted)
  expect(rehearsed).toBeWaitingAt('first-project')
  expect(rehearsed).not.toHaveEnded({ is: 'converted' })
  expect(rehearsed).not.toHaveWithheld('welcome')
  expect(() => expect(rehearsed).toHaveSent('hello')).toThrow(
    /\[hello\] sent; sent are \[welcome\][\s\S]*welcome by email sent/,
  )
})

describe('decisions', () => {
  const ada = { id: 'ada-2', email: 'ada@example.com' }
  const offered = (decides: Record<string, string>, reason = 'price') =>
    rehearse(careOffer, { customer: ada, decides }).event(cancellationConsidered, { reason })

  test('a story says which arm is chosen', async () => {
    await offered({ offer: 'coaching' }).expectSent('coaching')
    await offered({ offer: 'nothing' }).expectNothingMore()
  })

  test('the hour that was read at, and the channel', async () => {
    const lessons = rehearse(mailCourse, { at: '2026-03-02T09:00', decides: { hour: '17' } })
      .event(courseStarted)
      .at('2026-03-02T17:00')
    await lessons
      .expectSent('lesson', '2026-03-02T17:00')
      .after('2 hours')
      .event(event('Message Opened'), { step: 'lesson' })
      .expectWaiting('time-to-practise')
      .at('2026-03-06T19:01')
      .expectWaiting('that-hour')
      .at('2026-03-07T17:00')
      .expectSent('lesson', '2026-03-07T17:00')
    const booked = rehearse(appointmentReminder, {
      customer: { phone: '+49301234567' },
      decides: { channel: 'both' },
    }).event(appointmentBooked, { appointment_id: 'a-1', date: '2026-03-20' })
    await booked.at('2026-03-18T10:00').expectSent('by-mail').expectSent('by-text')
  })

  test('conditions on what is looked up hold, unless a story says what is found', async () => {
    const helping = defineJourney({ enrollOn: courseStarted }, async (journey) => {
      const help = await journey.decide('help', {
        arms: { call: { where: { days_waiting: atLeast(2) } }, mail: {} },
        lookup: { from: 'helpdesk', sql: 'select 1', columns: { days_waiting: 'number' } },
        reward: projectCreated,
        within: '1 day',
      })
      return completed(help.is)
    })
    const bound = rehearsals<Nouns>({ helping })
    const outcome = (because: string) => ({ is: 'completed' as const, because })
    await bound(helping).event(courseStarted).expectOutcome(outcome('call'))
    const found = (days_waiting: number) =>
      bound(helping, { lookedUp: { days_waiting } }).event(courseStarted)
    await found(2).expectOutcome(outcome('call'))
    await found(1).expectOutcome(outcome('mail'))
  })

  test('only of those that are offered', async () => {
    await offered({ offer: 'call' }).expectSent('discount')
    await offered({ offer: 'discount' }, 'missing feature').expectSent('coaching')
  })

  describe('what a contact rule would withhold is not offered:', () => {
    const called = { ...ada, phone: '+49301234567' }
    const wanting = (setting: Parameters<typeof rehearse>[1]) =>
      rehearse(careOffer, { customer: called, decides: { offer: 'discount' }, ...setting }).event(
        cancellationConsidered,
        { reason: 'price' },
      )
    const no = { channel: 'email', purpose: 'marketing', state: 'withdrawn', occurredAt: 1 } as const
    const capOf = (rolling: '2 days' | '9 days') => ({ name: 'one', most: 1, window: { rolling } }) as const
    const mailed = (rolling: '2 days' | '9 days') =>
      rehearse(cartRecovery, {
        beside: [careOffer],
        customer: called,
        limits: { caps: [{ ...capOf(rolling), channels: ['email'] }] },
        decides: { offer: 'discount' },
      })
        .event(cartUpdated, { cart_id: 'c', total: 40 })
        .after('2 hours')
        .expectSent('reminder')
        .event(cancellationConsidered, { reason: 'price' })
        .in(careOffer)

    test.each([
      ['no consent', { consents: [no] }],
      ['a suppressed address', { suppressed: ['complaint'] }],
      ['no address', { customer: { ...called, email: undefined } }],
      ['a stop whose end nobody knows', { stops: [{ id: 1, scope: 'channel', name: 'email' }] }],
    ] as const)('%s', async (_, setting) => {
      await wanting(setting).expectSent('call').expectNothingMore()
    })

    test('a cap that is full for longer than the message is worth sending; one that is free sooner holds it', async () => {
      await mailed('9 days').expectSent('call').expectNothingMore()
      await mailed('2 days').expectHeld('discount', 'frequency-cap')
    })

    test('and where nothing is left, it goes on as the journey says otherwise', async () => {
      await wanting({ limits: { holdout: 1 } })
        .expectNothingMore()
        .expectWaiting('until-it-shows')
    })
  })
})
