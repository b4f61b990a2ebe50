import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow'
import type { HandActivities } from '../activities'

const { sendMail } = proxyActivities<HandActivities>({ startToCloseTimeout: '1 minute' })

export const projectMade = defineSignal('event')

/** The reference journey by hand, in the usual style: an activity for each mail. */
export async function byHand(customer: string): Promise<void> {
  let made = false
  setHandler(projectMade, () => void (made = true))
  await sendMail(customer, 'one')
  await condition(() => made, '7 days')
  await sendMail(customer, 'two')
  await sleep('1 second')
  await sendMail(customer, 'three')
}
