import { courseStarted } from '../../../../catalog/events'
import { clicked, email, opened } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** What a customer reads rewards what was decided for it. */
export const lessons = defineJourney({ enrollOn: courseStarted }, async (journey) => {
  for (let lesson = 1; lesson <= 2; lesson++) {
    await journey.decide('tone', {
      arms: ['warm', 'brief'],
      reward: [opened('lesson'), clicked('lesson')],
      within: '3 days',
      policy: { is: 'fixed' },
    })
    await journey.send('lesson', email('course/lesson', { lesson }))
    await journey.waitFor('read', { opened: [opened('lesson'), clicked('lesson')] }, '2 days')
  }
})
