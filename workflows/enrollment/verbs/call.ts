import type { Called } from '../../../sdk/journey'
import type { Enrollment } from '../enrollment'

/** Calls one of the adopter's activities; retried for a day, then it has failed. */
export const call =
  (enrollment: Enrollment) =>
  async (step: string, activity: string, input: unknown): Promise<Called<unknown>> => {
    try {
      const value = await enrollment.host.call(activity, `${step}: ${activity}`, input)
      enrollment.note('step', `${activity} done`, step)
      return { is: 'done', value }
    } catch (error) {
      const because = enrollment.host.whyFailed(error)
      if (because === undefined) throw error
      enrollment.note('step', `${activity} failed`, step)
      return { is: 'failed', because }
    }
  }
