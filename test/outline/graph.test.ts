import { join } from 'node:path'
import type { JourneyGraph } from '../../sdk'
import { outlineJourneys } from '../../workers/outline'
import { outlineOf, withBody } from './workflows-of'

/** The edges in words: `a -(label, other; condition)-> b`. */
const edgesOf = ({ edges }: JourneyGraph): string[] =>
  edges.map(({ from, to, labels = [], when = [] }) => {
    const how = [labels.join(', '), when.join(' & ')].filter(Boolean).join('; ')
    return `${from.replace('step:', '')} -${how && `(${how})`}-> ${to.replace('step:', '')}`
  })

const graphOf = (body: string): JourneyGraph => outlineOf(withBody(body))!.graph!
const drawn = (body: string): string[] => edgesOf(graphOf(body))

const wait = (id: string): string => `await journey.waitFor('${id}', { came: classBooked }, '3 days')`
const nap = (id: string): string => `await journey.sleep('${id}', '1 day')`

test('outcomes are followed through variables, past further steps', () => {
  const body = `const first = ${wait('first')}
    if (first.is === 'came') ${nap('a')}
    ${nap('b')}
    if (first.is === 'timeout') ${nap('c')}
    ${nap('d')}`
  expect(drawn(body)).toEqual([
    'start --> first',
    'first -(came)-> a',
    'first -(timeout)-> b',
    'a --> b',
    "b -(first.is === 'timeout')-> c",
    'b -(else)-> d',
    'c --> d',
    'd --> end:completed',
  ])
})

test.each<[string, string, string[]]>([
  ['an else', `const a = ${wait('a')}; if (a.is !== 'came') ${nap('b')}; else ${nap('c')}`, ['a -(timeout)-> b', 'a -(came)-> c']],
  ['a condition asked elsewhere', `if (journey.key === 'x') { ${nap('a')} } else if (journey.now() > 5) { ${nap('b')} } else ${nap('c')}`, ["start -(journey.key === 'x')-> a", 'start -(journey.now() > 5)-> b', 'start -(else)-> c']],
  ['an early return', `if (!journey.key) return; ${nap('a')}`, ['start -(!journey.key)-> end:completed', 'start -(else)-> a']],
  ['a choice within a step', `await (journey.key ? journey.sleep('a', '1 day') : journey.sleep('b', '1 day'))`, ['start -(journey.key)-> a', 'start -(else)-> b']],
  ['a step on the right of &&', `journey.key && (${nap('a')}); ${nap('b')}`, ['start -(journey.key)-> a', 'start -(else)-> b', 'a --> b']],
  ['a step in a condition', `if ((${wait('a')}).is === 'came') ${nap('b')}`, ['a -(came)-> b', 'a -(timeout)-> end:completed']],
  ['labels in a list', `const a = ${wait('a')}; if (['came', 'gone'].includes(a.is)) ${nap('b')}`, ['a -(came)-> b', 'a -(timeout)-> end:completed']],
  ['the label taken out of the outcome', `const { is: how } = ${wait('a')}; if (how === 'came') ${nap('b')}`, ['a -(came)-> b', 'a -(timeout)-> end:completed']],
  ['both of two conditions', `const a = ${wait('a')}; if (a.is === 'came' && journey.key) ${nap('b')}`, ['a -(came; journey.key)-> b', 'a -(timeout)-> end:completed', 'a -(came; else)-> end:completed']],
  ['one condition of two parts', `if (journey.key && journey.now() > 5) ${nap('a')}`, ['start -(journey.key && journey.now() > 5)-> a', 'start -(else)-> end:completed']],
  ['an answer that cannot change', `const big = journey.key; if (big === 'x') ${nap('a')}; ${nap('b')}; if (big !== 'x') ${nap('c')}; ${nap('d')}`, ["start -(big === 'x')-> a", 'start -(else)-> b', 'a --> b', 'b -(else)-> d', "b -(big !== 'x')-> c"]],
  ['arms', `const arm = journey.split('s', { x: 1, y: 1 }); if (arm === 'x') ${nap('a')}; else ${nap('b')}`, ['s -(x)-> a', 's -(y)-> b']],
  ['a revision', `if (journey.revision('r')) ${nap('a')}; else ${nap('b')}; ${nap('c')}`, ['start --> r', 'r -(new)-> a', 'r -(old)-> b', 'a --> c', 'b --> c']],
  ['a revision that is kept and turned round', `const r = journey.revision('r'); ${nap('a')}; if (!r) ${nap('b')}; if (r) ${nap('c')}`, ['r -(new, old)-> a', 'a -(else)-> b', 'a -(r)-> c', 'b --> end:completed']],
  ['a revision and another condition', `if (journey.key && !journey.revision('r')) ${nap('a')}; ${nap('b')}`, ['start -(journey.key)-> r', 'r -(old)-> a', 'r -(new)-> b', 'start -(else)-> b']],
  ['a switch', `const a = ${wait('a')}; switch (a.is) { case 'came': ${nap('b')}; break; default: ${nap('c')} }; ${nap('d')}`, ['a -(came)-> b', 'a -(timeout)-> c', 'b --> d', 'c --> d']],
  ['a case that falls through', `switch (journey.split('s', { x: 1, y: 1, z: 1 })) { case 'x': ${nap('a')}; case 'y': ${nap('b')} }`, ['s -(x)-> a', 's -(y)-> b', 'a --> b', 's -(z)-> end:completed']],
  ['a loop until something comes', `let a = ${wait('a')}; while (a.is === 'timeout') a = ${wait('again')}; ${nap('b')}`, ['a -(timeout)-> again', 'again -(timeout)-> again', 'a -(came)-> b', 'again -(came)-> b']],
  ['a loop left by break and gone on by continue', `for (;;) { const a = ${wait('a')}; if (a.is === 'came') break; if (journey.key) continue; ${nap('b')} }`, ['a -(timeout; journey.key)-> a', 'a -(timeout; else)-> b', 'b --> a', 'a -(came)-> end:completed']],
  ['a counted loop', `for (let i = 0; i < 3; i++) ${nap('a')}`, ['start -(i < 3)-> a', 'a -(i < 3)-> a', 'start -(else)-> end:completed', 'a -(else)-> end:completed']],
  ['a loop over a list', `for (const day of [1, 2]) ${nap('a')}`, ['start -(of [1, 2])-> a', 'a -(of [1, 2])-> a', 'a -(else)-> end:completed']],
  ['a loop that runs once at least', `do ${nap('a')}; while (journey.key)`, ['start --> a', 'a -(journey.key)-> a', 'a -(else)-> end:completed']],
  ['a label', `out: for (const x of [1]) { for (const y of [2]) { ${nap('a')}; continue out } }`, ['start -(of [1] & of [2])-> a', 'a -(of [1] & of [2])-> a']],
  ['finally', `try { ${nap('a')}; return } finally { ${nap('b')} }`, ['a --> b', 'b --> end:completed']],
  ['catch', `try { ${nap('a')} } catch { ${nap('b')} }`, ['a -(an error)-> b', 'a --> end:completed', 'start -(an error)-> b']],
  ['a race', `const won = await Promise.race([journey.waitFor('a', { came: classBooked }), journey.sleep('b', '1 day')]); ${nap('c')}`, ['start --> fork:a b', 'fork:a b --> a', 'fork:a b --> b', 'a -(came)-> c', 'b --> c']],
  ['all of them', `await Promise.all([journey.sleep('a', '1 day'), journey.sleep('b', '1 day')]); ${nap('c')}`, ['fork:a b --> a', 'fork:a b --> b', 'a --> join:a b', 'b --> join:a b', 'join:a b --> c']],
  ['branches', `await journey.parallel('p', { one: async (own) => { if (own.key) return; await own.sleep('a', '1 day') }, two: async (own) => own.sleep('b', '1 day') })`, ['p -(one; own.key)-> join:p', 'p -(one; else)-> a', 'p -(two)-> b', 'a --> join:p', 'b --> join:p', 'join:p --> end:completed']],
  ['a handover', `if (journey.key) await journey.continueAs('over', 'gym'); ${nap('a')}`, ['over --> end:continued: gym', 'start -(else)-> a']],
  ['a moment that may be the end', `await journey.sleepUntil('a', { trait: 'joinedOn', ifPast: 'end' }); ${nap('b')}`, ['a -(past)-> end:completed: a had passed', 'a -(reached, skipped, no-date)-> b']],
  ['what a send came to, where it is asked for', `const a = await journey.send('a', email('gym/a')); if (a.is === 'withheld') return; await journey.send('b', email('gym/b'))`, ['a -(withheld)-> end:completed', 'a -(sent, failed, unknown)-> b', 'b --> end:completed']],
])('%s', (_, body, edges) => expect(drawn(body)).toEqual(expect.arrayContaining(edges))) // prettier-ignore

test('stages lead to one another, through variables too, and to every ending', () => {
  const text = `export const gym = defineJourney({}, {
    one: async (journey) => {
      let next: 'two' | 'one' = 'two'
      if (journey.key) next = 'one'
      ${nap('a')}
      return next
    },
    two: async (journey) => {
      const b = ${wait('b')}
      return b.is === 'came' ? completed('it is over') : exited(\`\${b.is}!\`)
    },
  })`
  expect(edgesOf(outlineOf(`import { completed, exited } from '${join(__dirname, '../../sdk')}'\n${text}`)!.graph!)).toEqual([
    'start --> stage:one',
    'stage:one --> a',
    'a --> stage:one',
    'a --> stage:two',
    'stage:two --> b',
    'b -(came)-> end:completed: it is over',
    'b -(timeout)-> end:exited: ${b.is}!',
  ]) // prettier-ignore
})

test('steps say what they do, through consts', () => {
  const { nodes } = graphOf(`const next = classBooked.where({ kind: 'yoga' })
    await journey.send('a', email('gym/a'), { within: '2 days' })
    await journey.waitFor('b', { next }, '3 days')
    await journey.sleepUntil('c', { hour: 9, weekday: 'monday' })`)
  expect(nodes.filter((node) => node.kind === 'step')).toMatchObject([
    { step: 'a', verb: 'send', does: 'email gym/a', given: { message: "email('gym/a')", within: '2 days' } },
    { does: 'next · 3 days', given: { 'on next': "classBooked.where({ kind: 'yoga' })", timeout: '3 days' } },
    { does: 'hour 9, weekday monday', given: { hour: '9', weekday: 'monday' } },
  ])
})

test('every step of the shipped journeys is drawn, and every edge leads from a node to a node', () => {
  const { journeys } = outlineJourneys(join(__dirname, '../../workflows'))
  for (const { graph, steps } of Object.values(journeys)) {
    const ids = new Set(graph!.nodes.map(({ id }) => id))
    expect(steps.every(({ id }) => ids.has(`step:${id}`))).toBe(true)
    expect(graph!.edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true)
  }
  expect(edgesOf(journeys['subscriptionCare']!.graph!)).toEqual(
    expect.arrayContaining([
      'trouble -(stuck)-> tell-the-team',
      'offer-help --> stage:listening',
      'trouble -(timeout)-> stage:renewal',
      "how-it-goes -(lifecycle === 'at-risk')-> still-useful",
      'how-it-goes -(else)-> renews-soon',
      'renewal-to-win-back --> end:continued: winBack',
    ]),
  )
})
