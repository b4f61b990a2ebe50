import { join } from 'node:path'
import { outlineJourneys } from '../../workers/outline'
import { fixtures, outlineOf, withBody, workflowsOf } from './workflows-of'

test('an event of any key is followed through a const', () => {
  const body = `const next = classBooked.where({ kind: 'yoga' }); await journey.waitFor('a', { next: next.anyKey() })`
  expect(outlineOf(withBody(body))?.listensToAnyKey).toEqual(['Class Booked'])
})

test('labels may come from another file', () => {
  const labels = `import { gymLeft, doorOpened } from '${fixtures}/catalog/events'
    export const labels = { left: gymLeft, opened: [doorOpened.anyKey()] }`
  const gym = `import { labels } from '../labels'\n${withBody(`await journey.waitFor('a', labels)`)}`
  const folder = workflowsOf({ gym, '../labels': labels }, `export * from './journeys/gym'`)
  expect(outlineJourneys(folder).journeys['gym']).toMatchObject({
    listensTo: ['Door Opened', 'Gym Left'],
    listensToAnyKey: ['Door Opened'],
  })
})

test('what ends a journey is listened to, also when its definition is made elsewhere', () => {
  const ends = `import { friendBrought, gymLeft } from '${fixtures}/catalog/events'
    export const endingWith = () => ({ goal: { on: friendBrought.anyKey() }, exitOn: [gymLeft] })`
  const gym = `import { endingWith } from '../ends'
    export const gym = defineJourney(endingWith(), async (journey) => {})`
  const folder = workflowsOf({ gym, '../ends': ends }, `export * from './journeys/gym'`)
  expect(outlineJourneys(folder).journeys['gym']).toMatchObject({
    listensTo: ['Friend Brought', 'Gym Left'],
    listensToAnyKey: ['Friend Brought'],
  })
})

test('a journey does not listen to what only its neighbour in the file does', () => {
  const other = `export const other = defineJourney({}, async (journey) => {
    await journey.waitFor('a', { booked: classBooked })
  })`
  const { journeys } = outlineJourneys(workflowsOf({ gym: `${withBody('')}\n${other}` }))
  expect(journeys['gym']?.listensTo).toEqual([])
  expect(journeys['other']?.listensTo).toEqual(['Class Booked'])
})

test('messages and journeys name their topics, where the source says which', () => {
  const body = `const mail = email('gym/news')
    await journey.send('a', about('sauna', mail))
    await journey.send('b', journey.key === 'all' ? mail : about(journey.key, mail))`
  const gym = outlineOf(
    `export const gym = defineJourney({ topic: 'classes' }, async (journey) => {${body}})`,
  )
  const mail = { channel: 'email', template: 'gym/news' }
  expect(gym?.topic).toBe('classes')
  expect(gym?.steps.map(({ messages }) => messages)).toEqual([[{ ...mail, topic: 'sauna' }], [mail, mail]])
})

test('what the sdk makes to listen to is followed: called, narrowed, or as it is', () => {
  const gym = `import { bounced, clicked, replied, unsubscribed } from '${join(__dirname, '../../sdk')}'
    ${withBody(`
    await journey.send('a', email('gym/hello'))
    const no = replied(/^no/i)
    const expected = { yes: replied(/^yes/i, 'a'), no, clicked: clicked('a'), gone: bounced('a').where({ hard: true }) }
    await journey.waitFor('b', { ...expected, stop: unsubscribed })`)}`
  expect(outlineOf(gym)?.listensTo).toEqual([
    'Message Bounced',
    'Message Clicked',
    'Message Replied',
    'Message Unsubscribed',
  ])
})

test('listening to a step at which nothing is sent is a mistake', () => {
  const gym = `import { clicked } from '${join(__dirname, '../../sdk')}'
    ${withBody(`await journey.sleep('nap', '1 day'); await journey.waitFor('b', { clicked: clicked('nap') })`)}`
  expect(() => outlineOf(gym)).toThrow("waits in 'b' for Message Clicked of 'nap', and sends nothing there")
})
