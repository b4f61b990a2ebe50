import { outlineJourneys } from '../../workers/outline'
import { workflowsOf } from './workflows-of'

const goal = '{ goal: { on: classBooked } }'
const journeyOf = (body: string, definition: string): string =>
  `export const gym = defineJourney(${definition}, ${body.startsWith('{ ') ? body : `async (journey) => {\n${body}\n}`})`

/** The sentences that the build ends with, without their place; none when it is built. */
function problemsOf(body: string, definition: string): string[] {
  try {
    outlineJourneys(workflowsOf({ gym: journeyOf(body, definition) }))
    return []
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
}

const send = `await journey.send('news', email('gym/news'))`
const nap = `await journey.sleep('nap', '1 day')`
const heard = `await journey.waitFor('heard', { came: classBooked }, '3 days')`

const again = "may send 'news' again with no time in between: let a sleep, a sleepUntil or a waitFor with a time come on the way back to it" // prettier-ignore
const noWay = (from = '') =>
  `has no way out: ${from}no end can be reached; return or break from the loop, or give the journey a goal or an exitOn`
const never = (id: string) =>
  `never comes to the step '${id}': all that stands before it ends or goes round; take the step out, or let a condition lead to it`

test.each([
  ['a step after a return', `return\n${nap}`, never('nap')],
  ['a step after a handover', `await journey.continueAs('over', 'gym')\n${nap}`, never('nap')],
  ['a step after a loop that nothing ends', `for (;;) await journey.sleep('round', '1 day')\n${nap}`, never('nap')],
  ['a step for a label that the wait has not', `const a = ${heard}\nif (a.is === 'gone') ${nap}`, never('nap')],
  ['a step for an outcome that was dealt with', `const a = ${heard}\nif (a.is === 'came') return\nif (a.is === 'came') ${nap}`, never('nap')],
  ['a step in a case that cannot be', `switch (journey.split('arm', { x: 1 })) { case 'x': break; default:\n${nap} }`, never('nap')],
  ['a step after branches one of which never ends', `await journey.parallel('p', { a: async (own) => { for (;;) await own.sleep('a', '1 day') } })\n${nap}`, never('nap')],
  ['a send in a loop', `for (let i = 0; i < 3; i++) ${send}`, again],
  ['a send in a loop over a list', `for (const one of ['x', 'y']) ${send}`, again],
  ['a send in a loop whose wait is on another way', `for (;;) {\n${send}\nif (journey.key) ${nap} }`, again],
  ['a send in a loop that continues before its wait', `for (;;) {\n${send}\nif (journey.key) continue\n${nap} }`, again],
  ['a send in a loop with no more than a split and a call', `for (;;) {\n${send}\njourney.split('arm', { x: 1 })\nawait journey.set('seen', {}) }`, again],
  ['a send in a loop with a sleep of no time', `for (;;) {\n${send}\nawait journey.sleep('nap', '0 days') }`, again],
  ['a send in a loop with a wait of no time', `for (;;) {\n${send}\nawait journey.waitFor('heard', { came: classBooked }, '0 minutes') }`, again],
  ['a send in a loop that hears the same event each time', `for (;;) {\n${send}\nawait journey.waitFor('heard', { came: classBooked }, '3 days', { since: 'enrollment' }) }`, again],
  ['a send in a loop until a date that has passed', `for (;;) {\n${send}\nawait journey.sleepUntil('date', { trait: 'joinedOn' }) }`, again],
  ['a send in a loop beside a sleep, where the first decides', `for (;;) await Promise.race([journey.send('news', email('gym/news')), journey.sleep('nap', '1 day')])`, again],
  ['a send in a loop in a branch', `await journey.parallel('p', { a: async (own) => { do await own.send('news', email('gym/news')); while (own.key) } })`, again],
  ['a send in a stage that leads to itself', `{ one: async (journey) => {\n${send}\nreturn 'one' } }`, again],
  ['a send in stages that go round', `{ one: async (journey) => {\n${send}\nreturn 'two' }, two: async (journey) => journey.key ? 'one' : undefined }`, again],
  ['a send in a function that is called for each', `await Promise.all([1, 2].map(async () => ${send}))`, again],
])('%s ends the build', (_, body, sentence) => {
  expect(problemsOf(body, goal)).toEqual([expect.stringContaining(` ${sentence}`)])
}) // prettier-ignore

test.each([
  ['a step after a return on one way', `if (journey.key) return\n${nap}`],
  ['a step after a loop that breaks', `for (;;) { if (journey.key) break; await journey.sleep('round', '1 day') }\n${nap}`],
  ['a step for what an operator’s skip says of a wait without a timeout', `const a = await journey.waitFor('a', { came: classBooked })\nif (a.is === 'timeout') ${nap}`],
  ['a step in the default of a switch', `switch (journey.key) { case 'x': break; default: ${nap} }`],
  ['a step in finally', `try { if (journey.key) return } finally { ${nap} }`],
  ['a step of a stage that no other leads to: it may be moved to', `{ one: async () => undefined, two: async (journey) => { ${nap} } }`],
  ['a send in a loop with a sleep', `for (;;) {\n${send}\n${nap} }`],
  ['a send in a loop with a sleep of unknown length', `for (const days of ['1 day', '2 days'] as const) {\n${send}\nawait journey.sleep('nap', days) }`],
  ['a send in a loop that waits for the next event', `for (;;) {\n${send}\nawait journey.waitFor('heard', { came: classBooked }) }`],
  ['a send in a loop until a morning', `for (;;) {\n${send}\nawait journey.sleepUntil('morning', { hour: 9 }) }`],
  ['a send in a loop until dates of which each is later', `for (let i = 1; i < 9; i++) { await journey.sleepUntil('date', { date: journey.trigger.timestamp, offset: \`+\${i} months\` as '+1 months' })\n${send} }`],
  ['a send in a loop until a date that ends the journey when it has passed', `for (;;) { const a = await journey.sleepUntil('date', { trait: 'joinedOn', ifPast: 'end' }); if (a.is === 'no-date') return\n${send} }`],
  ['a send in a loop that is left right after it', `for (;;) {\nif (journey.key) {\n${send}\nreturn }\n${nap} }`],
  ['a send in a loop beside a sleep, where both must end', `for (;;) await Promise.all([journey.send('news', email('gym/news')), journey.sleep('nap', '1 day')])`],
  ['a send in a branch beside one that waits, in a loop', `for (;;) await journey.parallel('p', { a: async (own) => own.send('news', email('gym/news')), b: async (own) => own.sleep('nap', '1 day') })`],
  ['a send after which another wait decides', `let a = ${heard}\nwhile (a.is === 'came') {\n${send}\na = await journey.waitFor('again', { came: classBooked }, '1 day') }`],
  ['two sends one after the other', `${send}\nawait journey.send('more', email('gym/more'))`],
  ['a send in a stage that leads to itself after a wait', `{ one: async (journey) => {\n${send}\n${heard}\nreturn 'one' } }`],
])('%s passes', (_, body) => expect(problemsOf(body, goal)).toEqual([])) // prettier-ignore

const round = `for (;;) ${nap}`

test.each([
  ['a loop without an end', round, noWay("from the step 'nap' on, ")],
  ['a loop that only an error leaves', `for (;;) { ${nap}\nif (journey.key) throw new Error('never') }`, noWay("from the step 'nap' on, ")],
  ['a loop without any step', `for (;;) if (journey.key) continue`, noWay()],
  ['stages that go round', `{ one: async (journey) => { ${nap}\nreturn 'two' }, two: async () => 'one' }`, noWay("from the step 'nap' on, ")],
  ['a part behind a choice', `if (journey.key) return\n${heard}\n${round}`, noWay("from the step 'heard' on, ")],
  ['a branch that never ends', `await journey.parallel('p', { a: async (own) => { for (;;) await own.sleep('a', '1 day') }, b: async () => 1 })`, noWay("from the step 'p' on, ")],
])('%s has no way out without a goal or an exit', (_, body, sentence) => {
  expect(problemsOf(body, '{}')).toEqual([expect.stringContaining(` ${sentence}`)])
  expect(problemsOf(body, goal)).toEqual([])
  expect(problemsOf(body, '{ exitOn: [classBooked] }')).toEqual([])
}) // prettier-ignore

test.each([
  ['a return', `for (;;) { ${nap}\nif (journey.key) return }`],
  ['a break', `for (;;) { ${nap}\nif (journey.key) break }`],
  ['a condition of the loop', `while (journey.now() < 5) ${nap}`],
  ['another journey', `for (;;) { ${nap}\nif (journey.key) await journey.continueAs('over', 'gym') }`],
  ['a failure', `for (;;) { ${nap}\nif (journey.key) throw ApplicationFailure.nonRetryable('no') }`],
  ['a date that has passed', `for (;;) await journey.sleepUntil('date', { trait: 'joinedOn', ifPast: 'end' })`],
  ['another stage', `{ one: async (journey) => { ${nap}\nreturn journey.key ? 'two' : 'one' }, two: async () => undefined }`],
])('%s is a way out', (_, body) => expect(problemsOf(body, '{}')).toEqual([])) // prettier-ignore

test('a problem has its file and line', () => {
  expect(problemsOf(`return\n${nap}`, goal)).toEqual([`workflows/journeys/gym.ts:7 ${never('nap')}`])
})
