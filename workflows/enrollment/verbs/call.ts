import { ActivityFailure, isCancellation, proxyActivities } from '@temporalio/workflow'
import type { Called } from '../../../sdk/journey'
import type { Enrollment } from '../enrollment'

const options = {
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: '10 minutes' },
} as const

const own = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>(options)

/** Calls one of the adopter's activities; retried for a day, then it has failed. */
export const call =
  (enrollment: Enrollment) =>
  async (step: string, activity: string, input: unknown): Promise<Called<unknown>> => {
    await enrollment.waits.untilResumed()
    try {
      const value = await own[activity]!.executeWithOptions({ ...options, summary: `${step}: ${activity}` }, [
        input,
      ])
      enrollment.note('step', `${activity} done`, step)
      return { is: 'done', value }
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
      enrollment.note('step', `${activity} failed`, step)
      return { is: 'failed', because: error.cause?.message ?? error.message }
    }
  }
