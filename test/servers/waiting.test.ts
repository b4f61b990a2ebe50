import { waitUntil, withProgress } from '../../workers/servers/waiting'

afterEach(() => jest.useRealTimers())

test('long work says how long it takes every 15 s, and no more once it is done', async () => {
  jest.useFakeTimers()
  const said: string[] = []
  let finish = (_answer: string): void => {}
  const work = withProgress(
    (line) => said.push(line),
    'building',
    () => new Promise<string>((resolve) => (finish = resolve)),
  )
  jest.advanceTimersByTime(45_500)
  finish('built')
  expect(await work).toBe('built')
  jest.advanceTimersByTime(60_000)
  expect(said).toEqual(['building, 15 s so far', 'building, 30 s so far', 'building, 45 s so far'])
})

test('a check that throws counts as not yet, until the time is over', async () => {
  const answers = [new Error('no'), false, true]
  const check = () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer ?? false
  }
  expect(await waitUntil(check, 5_000)).toBe(true)
  expect(await waitUntil(check, 100)).toBe(false)
})
