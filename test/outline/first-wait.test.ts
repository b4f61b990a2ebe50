import { outlineOf, withBody } from './workflows-of'

const firstWaitOf = (body: string) => outlineOf(withBody(body))?.firstWait

test.each([
  [
    'after sends',
    `await journey.send('a', email('gym/a')); const woken = (await journey.sleepUntil('b', { hour: 9 })).is`,
  ],
  ['as a statement', `await journey.sleep('b', '1 day'); return`],
  [
    'before branches',
    `await journey.waitFor('b', { classBooked }); if (journey.key) await journey.sleep('c', '1 day')`,
  ],
])('the first wait is plain %s', (_, body) => expect(firstWaitOf(body)).toBe('b'))

test.each([
  ['an if', `if (journey.key) return; await journey.sleep('b', '1 day')`],
  ['a loop', `for (const day of [1, 2]) await journey.sleep('b', '1 day')`],
  ['a choice', `journey.key ? await journey.sleep('b', '1 day') : await journey.sleep('c', '1 day')`],
  ['a race', `await Promise.race([journey.sleep('b', '1 day')])`],
  [
    'branches',
    `await journey.parallel('a', { b: async (own) => own.sleep('b', '1 day') }); await journey.sleep('c', '1 day')`,
  ],
  ['a handover', `journey.key && (await journey.continueAs('a', 'gym')); await journey.sleep('b', '1 day')`],
])('the first wait is left open by %s', (_, body) => expect(firstWaitOf(body)).toBeUndefined())
