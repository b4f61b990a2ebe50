import { carry } from '../../activities/carrying'
import { CarrierHealth } from '../../activities/health'
import type { Answer, Carrier } from '../../channels'
import { PlayedProvider } from './stage'

const outgoing = { touchpointId: 't', ref: 'r', address: 'a', content: {}, category: 'marketing' } as const
const down: Answer = { is: 'busy', because: 'away', fault: 'down' }
const well: Answer = { is: 'accepted', providerMessageId: 'm' }

let time: number
let health: CarrierHealth
let [first, second]: PlayedProvider[] = []
let route: Carrier[]

beforeEach(() => {
  time = 1_000_000
  health = new CarrierHealth(() => time)
  ;[first, second] = ['first', 'second'].map((name) =>
    Object.assign(new PlayedProvider('sms', false), { name }),
  )
  route = [
    { provider: first!, after: [] },
    { provider: second!, after: ['down', 'throttled'] },
  ]
})

const answers = (provider: PlayedProvider | undefined, answer: Answer) =>
  (provider!.answer = async () => answer)

/** Who carried each of so many messages, and how often the first was asked for them. */
async function sent(count: number): Promise<[string[], number]> {
  const before = first!.sent.length
  const by: string[] = []
  for (let nth = 0; nth < count; nth++) by.push((await carry(route, outgoing, 'inline', health)).by.name)
  return [[...new Set(by)], first!.sent.length - before]
}

test('after five times down in a row it is not asked for fifteen seconds, and others carry', async () => {
  answers(first, down)
  expect(await sent(5)).toEqual([['second'], 5])
  expect(await sent(20)).toEqual([['second'], 0])
  time += 14_999
  expect(await sent(5)).toEqual([['second'], 0])
})

test('then one message tries it: still down, it rests again; well again, it carries all', async () => {
  answers(first, down)
  await sent(5)
  time += 15_000
  expect(await sent(10)).toEqual([['second'], 1])
  answers(first, well)
  expect(await sent(10)).toEqual([['second'], 0])
  time += 15_000
  expect(await sent(10)).toEqual([['first'], 10])
})

test('of many at once after the pause one tries it', async () => {
  answers(first, down)
  await sent(5)
  time += 15_000
  let answer: (answer: Answer) => void = () => undefined
  first!.answer = () => new Promise((resolve) => (answer = resolve))
  const trying = carry(route, outgoing, 'inline', health)
  expect(await sent(10)).toEqual([['second'], 0])
  answer(well)
  expect((await trying).by.name).toBe('first')
  answers(first, well)
  expect(await sent(2)).toEqual([['first'], 2])
})

test.each<[string, Answer]>([
  ['accepted', well],
  ['refused', { is: 'refused', because: 'no' }],
  ['throttled', { is: 'busy', because: 'too much', fault: 'throttled' }],
  ['busy with this message alone', { is: 'busy', because: 'greylisted' }],
])('%s in between ends the row', async (_, between) => {
  for (const answer of [down, down, down, down, between, down, down, down, down]) {
    answers(first, answer)
    await sent(1)
  }
  expect((await sent(1))[1]).toBe(1)
})

test('an unknown fate is given to nobody else, and counts neither for nor against', async () => {
  answers(first, { is: 'unknown', because: 'cut' })
  expect(await sent(20)).toEqual([['first'], 20])
  answers(first, down)
  await sent(4)
  answers(first, { is: 'unknown', because: 'cut' })
  await sent(1)
  answers(first, down)
  await sent(1)
  expect(await sent(5)).toEqual([['second'], 0])
})

test('where nobody may stand in for it, it is asked each time', async () => {
  answers(first, down)
  route[1] = { provider: second!, after: ['throttled'] }
  expect(await sent(20)).toEqual([['first'], 20])
  route = route.slice(0, 1)
  expect(await sent(5)).toEqual([['first'], 5])
})

test('where all are down the last is asked, and its word counts', async () => {
  answers(first, down)
  answers(second, { ...down, because: 'away, too' })
  await sent(5)
  expect(await carry(route, outgoing, 'inline', health)).toMatchObject({
    by: second,
    answer: { because: 'away, too' },
  })
  expect(second!.sent).toHaveLength(6)
})
