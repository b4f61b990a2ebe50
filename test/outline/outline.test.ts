import { join } from 'node:path'
import { outlineJourneys } from '../../workers/outline'

const manifest = outlineJourneys(join(__dirname, 'fixtures/workflows'))
const { firstMonth, bookedClass, quietMember } = manifest.journeys

test('every journey that the index exports is read', () => {
  expect(Object.keys(manifest.journeys)).toEqual(['bookedClass', 'firstMonth', 'quietMember'])
})

test('a journey of one piece is read whole', () => {
  const { graph, ...read } = firstMonth!
  expect(graph).toBeDefined()
  expect(read).toEqual({
    name: 'firstMonth',
    key: undefined,
    description: 'Makes a habit of the gym, e.g. twice a week.',
    enrollOn: [{ name: 'Gym Joined', conditions: { plan: 'yearly' } }],
    reentry: 'once',
    goal: { on: [{ name: 'Friend Brought', conditions: {} }], within: '40 days' },
    exitOn: [{ name: 'Gym Left', conditions: {} }],
    holdout: 0.1,
    category: 'marketing',
    priority: 7,
    timeZone: 'Europe/Berlin',
    stages: ['body'],
    steps: [
      { id: 'who', verb: 'profile', stage: 'body' },
      {
        id: 'welcome',
        verb: 'send',
        stage: 'body',
        messages: [{ channel: 'email', template: 'gym/welcome' }],
      },
      { id: 'first-class', verb: 'waitFor', stage: 'body' },
      {
        id: 'tell-trainer',
        verb: 'send',
        stage: 'body',
        messages: [{ channel: 'webhook', endpoint: 'trainers', template: 'gym/call-her' }],
      },
      { id: 'monday', verb: 'sleepUntil', stage: 'body' },
      { id: 'offer', verb: 'split', stage: 'body' },
      {
        id: 'weekly',
        verb: 'send',
        stage: 'body',
        messages: [
          { channel: 'email', template: 'gym/class' },
          { channel: 'email', template: 'gym/sauna' },
        ],
      },
    ],
    listensTo: ['Class Booked', 'Friend Brought', 'Gym Left'],
    listensToAnyKey: [],
    watchesTraits: [],
    firstWait: 'first-class',
  })
})

test('stages keep their order, and steps know their stage, branches included', () => {
  expect(bookedClass?.stages).toEqual(['before', 'after'])
  expect(bookedClass?.steps.map(({ id, stage }) => `${stage}: ${id}`)).toEqual([
    'before: class',
    'after: side-by-side',
    'after: how-was-it',
    'after: birthday',
    'after: free-trainer',
    'after: next',
    'after: joined',
    'after: hand-over',
  ])
})

test('definitions are plain data, with their defaults', () => {
  expect(bookedClass).toMatchObject({
    key: 'class_id',
    reentry: { after: '1 day' },
    category: 'transactional',
    holdout: 0,
  })
  expect(quietMember).toMatchObject({ reentry: 'once', category: 'marketing', priority: 1, exitOn: [] })
})

test('events are followed through namespaces, lists and consts of the file', () => {
  expect(bookedClass?.listensTo).toEqual(['Class Booked', 'Class Cancelled', 'Class Missed', 'Gym Left'])
})

test('an event of any key is told apart, also through a const', () => {
  expect(bookedClass?.listensToAnyKey).toEqual(['Class Booked'])
})

test('an event used anywhere but to enroll on counts as listened to', () => {
  expect(quietMember?.listensTo).toEqual(['Door Opened'])
})

test('traits that a step sleeps until are watched, also through a const', () => {
  expect(bookedClass?.watchesTraits).toEqual(['birthday', 'joinedOn'])
})

test('there is a first wait only where nothing comes before it that branches', () => {
  expect(bookedClass?.firstWait).toBeUndefined()
  expect(quietMember?.firstWait).toBeUndefined()
})

test('a description is the first sentence, and empty without a docstring', () => {
  expect(quietMember?.description).toBe(
    'Listens for nothing it enrolls on, but a constant of its file counts',
  )
  expect(bookedClass?.description).toBe('')
})

test('the shipped journeys can be read, and say what they are for', () => {
  const shipped = Object.values(outlineJourneys(join(__dirname, '../../workflows')).journeys)
  expect(shipped.length).toBeGreaterThan(0)
  for (const journey of shipped) {
    expect(journey.description).not.toBe('')
    expect(journey.steps.length).toBeGreaterThan(0)
  }
})
