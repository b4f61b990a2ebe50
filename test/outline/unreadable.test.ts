import { outlineJourneys } from '../../workers/outline'
import { fixtures, outlineOf, withBody, workflowsOf } from './workflows-of'

/** The sentences that the build ends with. */
function problemsOf(folder: string): string[] {
  try {
    outlineJourneys(folder)
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
  throw new Error('nothing was wrong')
}

const problemsIn = (body: string) => problemsOf(workflowsOf({ gym: withBody(body) }))

const here = (sentence: string) => [`workflows/journeys/gym.ts:5 ${sentence}`]

test.each([
  [
    'a step id used twice',
    `await journey.sleep('a', '1 day'); await journey.send('a', email('gym/hello'))`,
    `uses the step id 'a' a second time`,
  ],
  [
    'a step id that is not literal',
    'await journey.sleep(`${journey.key}`, "1 day")',
    'calls journey.sleep without a step id that is a literal text',
  ],
  [
    'a message that is not literal',
    `await journey.send('a', email(journey.customer.id))`,
    `sends in 'a' a message that the source does not name: write it here with literal names, such as email('folder/name', { … })`,
  ],
  [
    'a message from a variable that may change',
    `let hello = email('gym/hello'); hello = email('gym/bye'); await journey.send('a', hello)`,
    `sends in 'a' a message that the source does not name: write it here with literal names, such as email('folder/name', { … })`,
  ],
  [
    'an event that comes from anywhere',
    `const events = (name: string): any => ({ name }); await journey.waitFor('a', { on: events('Gym Left') })`,
    `waits in 'a' for \`events('Gym Left')\`, which can't be followed to an event imported from catalog/events`,
  ],
  [
    'labels that change',
    `let labels = { classBooked }; await journey.waitFor('a', labels)`,
    `waits in 'a' for \`labels\`, which can't be followed to an event imported from catalog/events`,
  ],
  [
    'a trait that is not literal',
    `const trait = journey.customer.id as 'joinedOn'; await journey.sleepUntil('a', { trait })`,
    `sleeps in 'a' until a moment whose trait the source does not name`,
  ],
  [
    'arms that come from anywhere',
    `const arms = [journey.customer.id, 'b']; await journey.decide('a', { arms, reward: classBooked, within: '1 day' })`,
    `decides in 'a' between arms that the source does not name`,
  ],
  [
    'a decision that nothing rewards',
    `await journey.decide('a', { arms: ['b', 'c'], within: '1 day' })`,
    `decides in 'a' without a reward, and the journey has no goal`,
  ],
  [
    'an arm whose message nothing sends',
    `await journey.decide('a', { arms: { b: { sends: email('gym/other') } }, reward: classBooked, within: '1 day' }); await journey.send('c', email('gym/hello'))`,
    `says that the arm 'b' of 'a' sends a message that no send of the journey names`,
  ],
  [
    'a journey handed on',
    `const helper = (_: unknown) => {}; helper(journey)`,
    'hands the journey on, so steps could be hidden',
  ],
  [
    'a verb kept for later',
    `const send = journey.send; await send('a', email('gym/hello'))`,
    'keeps journey.send for later, so its steps cannot be read',
  ],
  [
    'a verb that is computed',
    `await journey['sleep']('a', '1 day')`,
    'hands the journey on, so steps could be hidden',
  ],
])('%s ends the build with a sentence', (_, body, sentence) => {
  expect(problemsIn(body)).toEqual(here(sentence))
})

test('a step on the outer journey in a branch is not lost', () => {
  const branches = `{ a: async (own) => { await journey.sleep('in-branch', '1 day') } }`
  const outline = outlineOf(withBody(`await journey.parallel('both', ${branches})`))
  expect(outline?.steps.map(({ id }) => id)).toEqual(['both', 'in-branch'])
})

test('every problem of every journey is told at once', () => {
  const wrong = (name: string) => `export const ${name} = defineJourney({}, async (journey) => {
    await journey.send('a', email(journey.customer.id))
    await journey.sleep('a', '1 day')
  })`
  expect(problemsOf(workflowsOf({ one: wrong('one'), two: wrong('two') }))).toEqual([
    expect.stringContaining("workflows/journeys/one.ts:7 uses the step id 'a'"),
    expect.stringContaining("workflows/journeys/one.ts:6 sends in 'a'"),
    expect.stringContaining("workflows/journeys/two.ts:7 uses the step id 'a'"),
    expect.stringContaining("workflows/journeys/two.ts:6 sends in 'a'"),
  ])
})

test('an event that the catalog does not have is a problem, its type is none', () => {
  const imported = `import { swimmingPool, type Pool } from '${fixtures}/catalog/events'\n`
  expect(problemsOf(workflowsOf({ gym: imported + withBody('swimmingPool as Pool') }))).toEqual(
    here(`imports swimmingPool from ${fixtures}/catalog/events, where there is no such event`),
  )
})

test.each([
  ['a body made elsewhere', 'body', 'has a body that is not written in place'],
  ['a stage made elsewhere', '{ first: body }', 'has a stage that is not a named function written in place'],
  ['a journey taken apart', 'async ({ send }) => {}', 'takes the journey apart, so its steps cannot be read'],
])('%s can not be read', (_, given, sentence) => {
  const text = `const body = Object.assign(async () => {}); export const gym = defineJourney({}, ${given})`
  expect(problemsOf(workflowsOf({ gym: text }))).toEqual(expect.arrayContaining(here(sentence)))
})

test('the name of a journey is the name of its export, in its file and in the index', () => {
  const folder = workflowsOf({ gym: withBody('') }, `export { gym as renamed } from './journeys/gym'`)
  expect(problemsOf(folder)).toEqual([
    'The index exports the journey renamed, but no file in journeys has export const renamed = defineJourney(…)',
    'workflows/journeys/gym.ts:5 defines gym, which the index does not export',
  ])
})
