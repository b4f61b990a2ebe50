import { condition, proxyActivities, setHandler, sleep } from '@temporalio/workflow'
import type { HandActivities, JourneyNode } from '../activities'
import { projectMade } from './by-hand'

const { loadJourney, recordEntered, recordLeft, sendMail } = proxyActivities<HandActivities>({
  startToCloseTimeout: '1 minute',
})

/** The reference journey as data, walked by an interpreter that keeps its books in activities, as journey products do. */
export async function interpreter(customer: string): Promise<void> {
  let made = false
  setHandler(projectMade, () => void (made = true))
  for (const node of await loadJourney('reference')) {
    await recordEntered(customer, node.id)
    await run(node, customer, () => made)
    await recordLeft(customer, node.id)
  }
}

async function run(node: JourneyNode, customer: string, made: () => boolean): Promise<void> {
  if (node.kind === 'send') await sendMail(customer, node.id)
  else if (node.kind === 'wait') await condition(made, '7 days')
  else await sleep('1 second')
}
