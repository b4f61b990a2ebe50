import { chatStarted, subscriptionRenewed } from '../../../../catalog/events'
import { completed, model } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

const ours = model({
  onnx: 'care.onnx',
  inputs: { years: 'number', arm: ['call', 'mail'] },
  timeoutMs: 2_000,
})

/** A model that is a file, run by the worker. */
export const filed = defineJourney(
  { enrollOn: chatStarted, goal: { on: subscriptionRenewed } },
  async (journey) => {
    const { years } = (await journey.profile('who')) as { years?: number }
    const help = await journey.decide('help', {
      arms: ['call', 'mail'],
      context: { years },
      within: '7 days',
      policy: { is: 'model', model: ours, epsilon: 0, fallback: { is: 'fixed', weights: { mail: 1 } } },
    })
    await journey.sleep('a-while', '1 day')
    return completed(help.is)
  },
)
