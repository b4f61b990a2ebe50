import { completed } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Sleeps until moments of every kind, and says in its outcome when it woke. */
export const planner = defineJourney({ timeZone: 'Asia/Kathmandu' }, async (journey) => {
  const woke: string[] = []
  await journey.sleepUntil('monday', { hour: 9, minute: 30, weekday: 'monday' })
  woke.push(new Date(journey.now()).toISOString())
  const renewal = await journey.sleepUntil('renewal', { trait: 'renewsAt', offset: '-7 days', hour: 10 })
  woke.push(renewal.is, new Date(journey.now()).toISOString())
  const gone = await journey.sleepUntil('gone', { date: '2020-01-01', ifPast: 'skip' })
  woke.push(gone.is)
  const odd = await journey.sleepUntil('odd', { date: 'no date' })
  woke.push(odd.is)

  return completed(woke.join(' '))
})
