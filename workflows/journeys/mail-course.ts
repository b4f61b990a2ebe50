import { accountClosed, courseStarted } from '../../catalog/events'
import { clicked, completed, email, opened } from '../../sdk'
import { defineJourney } from '../enrollment'

const LESSONS = 6

/** A lesson about every week, at the hour of the customer's day at which people like this one open their mail. */
export const mailCourse = defineJourney(
  { enrollOn: courseStarted, reentry: 'after-end', exitOn: [accountClosed], topic: 'tips', priority: 20 },
  async (journey) => {
    let readAt: string | undefined
    for (let lesson = 1; lesson <= LESSONS; lesson++) {
      const hour = await journey.decide('hour', {
        arms: ['8', '12', '17', '20'],
        context: { readAt },
        reward: [opened('lesson'), clicked('lesson')],
        within: '3 days',
        policy: { is: 'lin-thompson' },
        otherwise: '10',
      })
      await journey.sleepUntil('that-hour', { hour: Number(hour.is) })
      await journey.send('lesson', email('course/lesson', { lesson }))
      const read = await journey.waitFor('read', { opened: [opened('lesson'), clicked('lesson')] }, '2 days')
      if (read.is === 'opened') readAt = hour.is
      await journey.sleep('time-to-practise', '4 days')
    }
    return completed('all lessons')
  },
)
