import { orderCompleted, productReviewed, projectCreated, trialStarted } from '../../catalog/events'
import { about, clicked, eventsOf, email, exited, replied, transactional, unsubscribed } from '../../sdk'
import type { Payloads } from '../../catalog/schemas'
import { defineJourney } from '../../workflows/enrollment'
import { trialOnboarding } from '../../workflows/journeys'
import { rehearse } from '../../workflows/testing'

// Each line below a `@ts-expect-error` is a mistake that must not compile; without the mistake the line itself is the error.

const event = eventsOf<Payloads>()
// @ts-expect-error unknown event
event('Order Compleated')

export const mistakes = defineJourney(
  { enrollOn: orderCompleted, key: 'order_id', goal: { on: projectCreated, within: '30 days' } },
  async (journey) => {
    const answer = await journey.waitFor(
      'answer',
      { rated: productReviewed, ordered: orderCompleted },
      '3 days',
    )
    const call = await journey.task('call', {
      queue: 'retention',
      script: 'care/call',
      outcomes: ['saved', 'refused'],
      within: '2 days',
    })
    // @ts-expect-error unknown outcome of a task
    if (call.is === 'sold') return
    // @ts-expect-error what is no outcome has no word of an agent
    if (call.is === 'expired') return exited(call.by)
    // @ts-expect-error an outcome with the name of what is none
    await journey.task('own', { queue: 'q', script: 's', outcomes: ['failed'], within: '2 days' })
    // @ts-expect-error unknown unit of a task's time
    await journey.task('unit', { queue: 'q', script: 's', outcomes: ['saved'], within: '2 moons' })
    // @ts-expect-error unknown label of a wait
    if (answer.is === 'ratd') return
    if (answer.is === 'rated') {
      answer.event.properties.rating.toFixed()
      // @ts-expect-error unknown payload field
      void answer.event.properties.stars
    }
    // @ts-expect-error a timeout carries no event
    if (answer.is === 'timeout') void answer.event
    // @ts-expect-error unknown payload field of the trigger
    void journey.trigger.properties.totals
    journey.trigger.properties.total.toFixed()

    const talk = await journey.waitFor('talk', {
      yes: replied(/^yes/i),
      clicked: clicked('mail'),
      stop: unsubscribed,
    })
    if (talk.is === 'yes') talk.event.properties.text?.trim()
    // @ts-expect-error a click has no text
    if (talk.is === 'clicked') void talk.event.properties.text
    // @ts-expect-error a step is named by its id
    clicked(/mail/)

    const arm = journey.split('arm', { a: 1, b: 3 })
    // @ts-expect-error unknown arm
    if (arm === 'c') return

    const sent = await journey.send('mail', email('orders/late'))
    // @ts-expect-error unknown outcome
    if (sent.is === 'delivered') return
    // @ts-expect-error unknown reason
    if (sent.is === 'withheld' && sent.because === 'no-adress') return

    await journey.send('tips', about('tips', email('orders/late')))
    // @ts-expect-error unknown topic of a message
    await journey.send('topic', transactional(about('tipps', email('orders/late'))))

    // @ts-expect-error unknown duration unit
    await journey.sleep('nap', '3 dayz')
    // @ts-expect-error a duration needs its unit
    await journey.waitFor('more', { rated: productReviewed }, '3')
    // @ts-expect-error unknown field in a condition
    await journey.waitFor('stars', { rated: productReviewed.where({ stars: 5 }) })
    // @ts-expect-error timeout is not a label
    await journey.waitFor('labels', { timeout: productReviewed })
    // @ts-expect-error unknown trait
    await journey.set('trait', { firstNam: 'x' })
    // @ts-expect-error unknown journey
    await journey.enroll('other', 'postPurchases')
    // @ts-expect-error unknown activity
    await journey.call('points', 'loyaltyPoint', {})
    // @ts-expect-error unknown weekday
    await journey.sleepUntil('day', { hour: 9, weekday: 'funday' })
    return exited('done')
  },
)

export const inStages = defineJourney({}, { first: async (_) => 'second', second: async (_) => undefined })

// @ts-expect-error unknown topic of a journey
export const offTopic = defineJourney({ topic: 'tipps' }, async (_) => undefined)

// @ts-expect-error unknown channel of an account
export const offChannel = defineJourney({ accounts: { mail: 'brand-b' } }, async (_) => undefined)

// @ts-expect-error unknown stage
export const lost = defineJourney({}, { first: async (_) => 'second', second: async (_) => 'thrid' })

const story = rehearse(trialOnboarding)
  .event(trialStarted)
  .event(orderCompleted, { order_id: 'o-1', total: 1 })
// @ts-expect-error unknown property of an event
story.event(trialStarted, { plam: 'team' })
// @ts-expect-error a property that the event must have
story.event(orderCompleted)
// @ts-expect-error unknown trait of a customer
story.identify({ firstNam: 'x' })
// @ts-expect-error unknown unit in a story's time
story.at('+3 dayz')
// @ts-expect-error unknown reason
story.expectWithheld('welcome', 'no-adress')
// @ts-expect-error unknown outcome
story.expectOutcome({ is: 'convertd' })
// @ts-expect-error unknown journey
story.expectEnrolled('winBac')
// @ts-expect-error unknown activity
rehearse(trialOnboarding, { calls: { loyaltyPoint: () => 1 } })
