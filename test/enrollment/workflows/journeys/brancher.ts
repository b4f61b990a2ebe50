import { featureUsed, projectCreated } from '../../../../catalog/events'
import { completed } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Two branches listen on their own; what both heard is the outcome. */
export const brancher = defineJourney({}, async (journey) => {
  const { left, right } = await journey.parallel('both', {
    left: async (journey) => {
      const first = await journey.waitFor('left-project', { made: projectCreated }, '2 days')
      await journey.waitFor('left-again', { made: projectCreated }, '1 day')
      return first.is
    },
    right: async (journey) =>
      (await journey.waitFor('right-project', { made: projectCreated, used: featureUsed }, '2 days')).is,
  })
  const after = await journey.waitFor('after', { used: featureUsed }, '1 day')
  return completed(`${left} ${right} ${after.is} ${journey.split('arm', { only: 1 })}`)
})
