import { inboxTemplate } from '../../activities/messages/inbox'

const scope = {
  customer: { firstName: 'Ada' },
  trigger: {},
  data: { order: '7' },
  links: {},
  journey: 'care',
} as never
const made = (source: string) => inboxTemplate(source, 'm.inbox.liquid').render(scope)

test('a head and a text', () => {
  const source =
    'title: Hello {{ customer.firstName }}\nlink: /orders/{{ data.order }}\nkeep: 7 days\n--- text\nGood day,\n{{ customer.firstName }}.\n'
  expect(made(source)).toEqual({
    title: 'Hello Ada',
    link: '/orders/7',
    keepMs: 604_800_000,
    text: 'Good day,\nAda.',
  })
  expect(made('title: Hello\n\n--- text\nGood day.')).toEqual({ title: 'Hello', text: 'Good day.' })
  expect(inboxTemplate(source, 'm').variables.map(({ path }) => path.join('.'))).toEqual([
    'customer.firstName', 'data.order', 'customer.firstName',
  ]) // prettier-ignore
})

test.each([
  ['no text', 'title: Hello', 'there is no line "--- text"'],
  ['no title', '--- text\nHi', 'there is no line "title: …"'],
  ['a strange head', 'title: Hello\nsubject: x\n--- text\nHi', 'there is no field subject, only title and link and keep'],
  ['two titles', 'title: a\ntitle: b\n--- text\nHi', 'line 2: a second title'],
  ['a time that is none', 'title: a\nkeep: soon\n--- text\nHi', 'keep must be a duration'],
  ['an empty title', 'title: {{ data.order | remove: "7" }}\n--- text\nHi', 'the title is empty'],
  ['a link that runs something', 'title: a\nlink: javascript:alert(1)\n--- text\nHi', 'neither an address of the web nor a path'],
  ['a link to another host', 'title: a\nlink: //evil.example\n--- text\nHi', 'neither an address of the web nor a path'],
])('%s is refused', (_, source, because) => {
  expect(() => made(source)).toThrow(because)
}) // prettier-ignore
