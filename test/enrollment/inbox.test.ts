import { projectCreated } from '../../catalog/events'
import type { EventFact } from '../../sdk'
import { Inbox } from '../../workflows/enrollment/inbox'

const fact = (messageId: string, name = 'Project Created', properties = {}): EventFact => ({
  messageId,
  name,
  properties,
  timestamp: '2026-11-23T08:00:00Z',
})

test('what is carried stays bounded, and the newest events and ids are kept', () => {
  const inbox = new Inbox()
  for (let index = 0; index < 5_000; index++) inbox.accept(fact(`m-${index}`))
  const carried = inbox.carry()
  expect(carried.inbox.length).toBe(200)
  expect(carried.seen.length).toBe(1_000)
  const next = new Inbox(carried)
  expect(next.accept(fact('m-4500'))).toBe(false)
  expect(next.accept(fact('new'))).toBe(true)
  expect(next.latest).toBe(5_001)
})

test('the first match after a position is found, with its label, by name, condition and key', () => {
  const inbox = new Inbox()
  inbox.accept(fact('1', 'Project Created', { name: 'a' }))
  inbox.accept(fact('2', 'Project Created', { name: 'b', project_id: 'other' }))
  inbox.accept(fact('3', 'Project Created', { name: 'b', project_id: 'mine' }))
  const key = { property: 'project_id', value: 'mine' }
  expect(inbox.firstMatch({ made: projectCreated }, 0)?.event.messageId).toBe('1')
  expect(inbox.firstMatch({ made: projectCreated }, 1, key)?.event.messageId).toBe('3')
  expect(inbox.firstMatch({ made: projectCreated.anyKey() }, 1, key)?.event.messageId).toBe('2')
  expect(inbox.firstMatch({ made: projectCreated.where({ name: 'b' }) }, 0)).toMatchObject({
    label: 'made',
    sequence: 2,
  })
  expect(inbox.firstMatch({ made: projectCreated.where({ name: 'c' }) }, 0)).toBeUndefined()
})

test('large events are carried as far as a payload has room, the newest first', () => {
  const inbox = new Inbox()
  for (let index = 0; index < 20; index++)
    inbox.accept(fact(`m-${index}`, 'Project Created', { text: 'x'.repeat(30_000) }))
  const carried = inbox.carry()
  expect(JSON.stringify(carried).length).toBeLessThan(300_000)
  expect(carried.inbox.at(-1)?.sequence).toBe(20)
  expect(carried.inbox.length).toBe(8)
})
