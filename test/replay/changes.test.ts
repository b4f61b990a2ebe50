import type { WorkflowBundleOption } from '@temporalio/worker'
import { createLogger } from '../../logger'
import { installRuntime } from '../../workers/runtime'
import { changedBundle, differenceOf, names, read, type History } from './replaying'

// Which changes of a journey agree with the histories of those who are inside, wherever they are.

beforeAll(() => installRuntime(createLogger('silent')))

const from = (text: string, to: string) => (source: string) => source.replace(text, to)

/** The last argument of a wait or a sleep; a goal's or a cool-down's time stands in braces. */
const allWaits = (factor: number) => (source: string) =>
  source.replace(
    /'(\d+) (hour|day)s?'(,?\s*\))/g,
    (_, count, unit, end) => `'${count * factor * (unit === 'day' ? 24 * 60 : 60)} minutes'${end}`,
  )

const EXTRA = "await journey.send('extra', email('trial/farewell'))\n"

const agreeing = {
  'every wait longer': [allWaits(3)],
  'every wait shorter': [allWaits(1 / 3)],
  'another message, hour, later date, share, goal window, wait name, next stage, an event nobody sent yet, a step from an instant on':
    [
      from("email('trial/welcome')", "email('trial/what-others-do', { more: 1 })"),
      from('{ hour: 9 }', '{ hour: 11 }'),
      from("'+12 days'", "'+13 days'"),
      from('{ extend: 1, call: 1 }', '{ extend: 9, call: 1 }'),
      from("within: '45 days'", "within: '5 days'"),
      from("'habit', {", "'getting-used', {"),
      from("? 'advocacy'", "? 'again'"),
      from('active: featureUsed }', 'active: featureUsed, closed: accountClosed }'),
      from('const offer', `if (journey.now() >= Date.parse('2100-01-01')) ${EXTRA}const offer`),
    ],
}

describe.each(Object.entries(agreeing))('%s', (_, changes) => {
  let workflowBundle: WorkflowBundleOption
  beforeAll(async () => {
    workflowBundle = await changedBundle(...changes)
  })

  test.each(names)('%s replays', async (name) => {
    expect(await differenceOf(name, read(name), workflowBundle)).toBeUndefined()
  })
})

test.each([
  ['a step where somebody has been', 'trialOnboarding-silent', from('const offer', `${EXTRA}const offer`)],
  ['a wait that loses its end', 'trialOnboarding-silent', from("featureUsed }, '7 days'", 'featureUsed }')],
  ['a wait that becomes shorter than a minute', 'trialOnboarding-silent', from("featureUsed }, '7 days'", "featureUsed }, '9 seconds'")], // prettier-ignore
  ['a date that had passed when it was asked for', 'trialOnboarding-silent', from("'+12 days'", "'+2 days'")],
  ['another name for the first wait', 'trialOnboarding-silent', from("'first-project'", "'first-success'")],
  ['a larger holdout', 'subscriptionCare-left', from('holdout: 0.05', 'holdout: 0.99')],
])('%s does not agree', async (_, name, change) => {
  expect(await differenceOf(name, read(name), await changedBundle(change))).toBeDefined()
})

test('a larger holdout agrees where it was decided at the start who is kept out', async () => {
  const name = 'subscriptionCare-left'
  const larger = await changedBundle(from('holdout: 0.05', 'holdout: 0.99'))
  expect(await differenceOf(name, startedWith({ heldOut: false }, read(name)), larger)).toBeUndefined()
  expect(await differenceOf(name, startedWith({ heldOut: true }, read(name)))).toBeDefined()
})

/** As today's dispatcher would have started it. */
function startedWith(more: object, history: History): History {
  const payload = history.events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads![0]!
  const input = JSON.parse(Buffer.from(payload.data!).toString()) as object
  payload.data = Buffer.from(JSON.stringify({ ...input, ...more }))
  return history
}
