import { accountClosed, helpRequested, subscriptionStarted } from '../../../../catalog/events'
import { clicked, completed, email, transactional } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Answers each question, and each click, by a mail, and sleeps on: one enrollment can be asked as often as a measurement needs. */
export const answering = defineJourney(
  { enrollOn: subscriptionStarted, exitOn: [accountClosed] },
  async (journey) => {
    for (;;) {
      const heard = await journey.waitFor('question', { asked: helpRequested, clicked: clicked() }, '30 days')
      if (heard.is === 'timeout') return completed('nothing was asked')
      await journey.send('answer', transactional(email('trial/first-step')))
    }
  },
)
