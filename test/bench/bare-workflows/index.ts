import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow'
import type { BareActivities } from '../bare-worker-process'

const { sendMail } = proxyActivities<BareActivities>({ startToCloseTimeout: '1 minute' })

export const asked = defineSignal<[object]>('event')

/** What the journey `answering` does, by hand: a signal, an activity that sends, and the next sleep. */
export async function bareAnswering(address: string): Promise<void> {
  let questions = 0
  setHandler(asked, () => void (questions += 1))
  while (await condition(() => questions > 0, '30 days')) {
    questions -= 1
    await sendMail(address)
  }
}
