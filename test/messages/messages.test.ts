import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadMessages, MessageError, type MessageScope } from '../../activities/messages'
import type { JourneyOutline, Manifest } from '../../sdk'

let folder: string
let clock = 0
const reports: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messages-'))
  clock = 0
  reports.splice(0)
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (file: string, text: string) => {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  // As editors do it, so that no half file is ever read.
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
const load = () => loadMessages(folder, { now: () => clock, onBroken: (sentence) => reports.push(sentence) })

const scope: MessageScope = {
  customer: { id: 'c-1', firstName: 'Zoë <b>"&', plan: null, tags: ['a', 'b'] },
  trigger: { total: 30, title: 'Say "hi"\n</b>', items: [{ sku: 'x' }, { sku: 'y' }] },
  data: { points: 12 },
  links: {
    unsubscribe: 'https://shop.example/u?a=1&b=2',
    preferences: 'https://shop.example/p',
    confirm: 'https://shop.example/c',
  },
  journey: 'care',
}
const email = (text: string, html?: string, subject = 'Hi') =>
  `subject: ${subject}\n\n--- text\n${text}\n${html === undefined ? '' : `--- html\n${html}\n`}`

const renderEmail = (source: string, more: Partial<MessageScope> = {}) => {
  write('care/one.email.liquid', source)
  return load().render('email', 'care/one', { ...scope, ...more })
}
const renderWebhook = (source: string, more: Partial<MessageScope> = {}) => {
  write('care/one.webhook.liquid', source)
  return load().render('webhook', 'care/one', { ...scope, ...more }).body
}
const faultOf = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(MessageError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('email', () => {
  it('has subject, text and html, each filled in', () => {
    const content = renderEmail(
      'subject: {{ customer.firstName }}, {{ data.points }} points\n--- text\n\nDear {{ customer.firstName }},\n\n' +
        '{% for item in trigger.items %}* {{ item.sku }}\n{% endfor %}\n{{ links.unsubscribe }}\n\n--- html\n' +
        '<p title="{{ customer.firstName }}">{{ journey }}</p><a href="{{ links.unsubscribe }}">x</a>\n',
    )
    expect(content).toEqual({
      subject: 'Zoë <b>"&, 12 points',
      text: 'Dear Zoë <b>"&,\n\n* x\n* y\n\nhttps://shop.example/u?a=1&b=2\n',
      html: '<p title="Zoë &lt;b&gt;&#34;&amp;">care</p><a href="https://shop.example/u?a=1&amp;b=2">x</a>\n',
    })
  })

  it('needs no html', () => expect(renderEmail(email('Hello'))).toEqual({ subject: 'Hi', text: 'Hello\n' }))

  it('reads files from Windows, and with a byte order mark', () => {
    const source = `\uFEFF${email('One\nTwo', '<p>x</p>').replaceAll('\n', '\r\n')}`
    expect(renderEmail(source)).toEqual({ subject: 'Hi', text: 'One\nTwo\n', html: '<p>x</p>\n' })
  })

  it('keeps the subject on one line whatever a customer is called', () => {
    const firstName = 'Eve\r\nBcc: all@evil.example\u2028x\0y'
    const { subject } = renderEmail(email('x', undefined, 'Hi {{ customer.firstName }}\n and welcome'), {
      customer: { firstName },
    })
    expect(subject).toBe('Hi Eve Bcc: all@evil.example x y and welcome')
  })

  it('escapes html once, however it is asked', () => {
    const html =
      '{{ customer.firstName | escape }}|{% echo customer.firstName %}|{{ customer.firstName | append: "<i>" }}'
    const escaped = 'Zoë &lt;b&gt;&#34;&amp;'
    expect(renderEmail(email('x', html)).html).toBe(`${escaped}|${escaped}|${escaped}&lt;i&gt;\n`)
  })

  it('falls back to a default for a trait that is missing or empty', () => {
    expect(
      renderEmail(email('{{ customer.nick | default: "there" }} {{ customer.plan | default: "free" }}')).text,
    ).toBe('there free\n')
    expect(renderEmail(email('{% if customer.nick %}yes{% else %}no{% endif %}')).text).toBe('no\n')
  })

  it.each([
    [
      'unknown variable',
      email('one\n{{ customer.nick }}'),
      'care/one.email.liquid, line 5: undefined variable: customer.nick',
    ],
    ['unknown root', email('{{ nobody }}'), 'care/one.email.liquid, line 4: undefined variable: nobody'],
    [
      'unknown variable in the subject',
      email('x', undefined, '{{ data.nope }}'),
      'care/one.email.liquid, line 1: undefined variable: data.nope',
    ],
    [
      'what every object has',
      email('{{ customer.toString }}{{ customer.constructor }}'),
      'undefined variable: customer.toString',
    ],
    [
      'unknown filter',
      email('{{ customer.id | shout }}'),
      'care/one.email.liquid, line 4: undefined filter: shout',
    ],
    [
      'open tag',
      email('{% if customer.id %}'),
      'care/one.email.liquid, line 4: tag {% if customer.id %} not closed',
    ],
    ['open output', email('x', 'y\n{{ customer.id '), 'care/one.email.liquid, line 7: output'],
    ['another file', email('{% include "../../../etc/passwd" %}'), 'tag "include" not found'],
    ['another file, rendered', email('{% render "care/one" %}'), 'tag "render" not found'],
    ['no subject', '--- text\nx', 'line 1: the first line must read "subject: …"'],
    ['no text', 'subject: Hi\n--- html\n<p>x</p>', 'there is no line "--- text" with the text below it'],
    ['blank text', email('  '), 'there is no line "--- text" with the text below it'],
    ['empty file', '', 'line 1: the first line must read'],
    [
      'strange section',
      `${email('x')}--- markdown\ny`,
      'line 5: there is no section markdown, only text and html',
    ],
    ['two of a section', `${email('x')}--- text\ny`, 'line 5: a second section text'],
    ['subject that renders to nothing', email('x', undefined, '{{ customer.plan }}'), 'the subject is empty'],
    ['endless loop', email('{% for i in (1..1000000000) %}{{ i }}{% endfor %}'), 'limit exceeded'],
    [
      'other limit',
      email(
        '{% for i in (1..3000) %}{% for j in (1..3000) %}{% for k in (1..3000) %}{% endfor %}{% endfor %}{% endfor %}',
      ),
      'limit exceeded',
    ],
  ])('says what is wrong: %s', (_, source, sentence) => {
    expect(faultOf(() => renderEmail(source))).toContain(sentence)
  })

  it('says nothing of the customer when a computed variable is unknown', () => {
    const source = email('{{ data[customer.firstName] }}')
    const sentence = faultOf(() => renderEmail(source, { customer: { firstName: 'Rosalind' } }))
    expect(sentence).toBe('care/one.email.liquid, line 4: undefined variable, its name computed')
  })
})

describe('webhook', () => {
  it('is a JSON object', () => {
    const source =
      '{ "type": "help", "total": {{ trigger.total }}, "who": {{ customer | json }}, "none": {{ customer.plan | json }} }'
    expect(renderWebhook(source)).toEqual({ type: 'help', total: 30, who: scope.customer, none: null })
  })

  it('cannot be given members by what a customer wrote, with or without the json filter', () => {
    const title = '", "admin": true, "x": "\\'
    const source = '{ "plain": "{{ trigger.title }}", "filtered": {{ trigger.title | json }} }'
    expect(renderWebhook(source, { trigger: { title } })).toEqual({ plain: title, filtered: title })
    const naked = '{ "plain": {{ trigger.title }} }'
    expect(faultOf(() => renderWebhook(naked, { trigger: { title: '1, "admin": true' } }))).toContain(
      'not a JSON object',
    )
  })

  it.each(['{ "a": }', '[1]', '"text"', 'null', ''])('%j is none', (source) => {
    expect(faultOf(() => renderWebhook(source))).toContain(
      'care/one.webhook.liquid: what it renders to is not a JSON object',
    )
  })

  it('says nothing of the customer when the JSON is wrong', () => {
    expect(faultOf(() => renderWebhook('{ "a": {{ customer.firstName }} }'))).not.toContain('Zoë')
  })
})

describe('names', () => {
  it.each(['nope', 'care/nope'])('%s is unknown', (name) => {
    expect(faultOf(() => load().render('email', name, scope))).toBe(
      `there is no message file ${name}.email.liquid`,
    )
  })

  it.each([
    '../secret',
    'care/../../secret',
    '/etc/passwd',
    'care//one',
    '',
    '.',
    '..',
    '.hidden',
    'care\\..\\x',
    'a\0b',
    'care/',
  ])('%j is no name, and leads nowhere', (name) =>
    expect(faultOf(() => load().render('email', name, scope))).toContain('is not a message name'),
  )

  it.each(['pigeon', '__proto__', 'constructor', '../email'])('there is no channel %s', (channel) => {
    expect(faultOf(() => load().render(channel, 'care/one', scope))).toContain(
      'there is no message format for the channel',
    )
  })

  it('a folder that is not there is said at once', () => {
    expect(() => loadMessages(join(folder, 'nowhere'))).toThrow(/nowhere/)
  })
})

describe('live edits', () => {
  it('are used from the next send on, looked for once a second', () => {
    write('one.email.liquid', email('first'))
    const messages = load()
    const text = () => messages.render('email', 'one', scope).text
    expect(text()).toBe('first\n')
    write('one.email.liquid', email('second'))
    clock = 999
    expect(text()).toBe('first\n')
    clock = 1_000
    expect(text()).toBe('second\n')
  })

  it('that break a message leave the last good text in use, and are reported once each', () => {
    write('one.email.liquid', email('good'))
    const messages = load()
    const textAt = (time: number) => ((clock = time), messages.render('email', 'one', scope).text)
    write('one.email.liquid', email('{% if %'))
    expect([textAt(1_000), textAt(2_000), textAt(3_000)]).toEqual(['good\n', 'good\n', 'good\n'])
    expect(reports).toEqual([
      expect.stringMatching(/^one\.email\.liquid, line 4: .*; the last good text stays in use$/),
    ])
    rmSync(join(folder, 'one.email.liquid'))
    expect(textAt(4_000)).toBe('good\n')
    expect(reports[1]).toBe('there is no message file one.email.liquid; the last good text stays in use')
    write('one.email.liquid', email('mended'))
    expect(textAt(5_000)).toBe('mended\n')
    expect(reports).toHaveLength(2)
  })

  it('find messages that were not there before', () => {
    const messages = load()
    expect(faultOf(() => messages.render('email', 'new', scope))).toContain('there is no message file')
    write('new.email.liquid', email('hello'))
    expect(messages.render('email', 'new', scope).text).toBe('hello\n')
  })

  it('see a file behind a link change', () => {
    write('real/one.email.liquid', email('first'))
    symlinkSync(join(folder, 'real'), join(folder, 'linked'))
    const messages = load()
    expect(messages.render('email', 'linked/one', scope).text).toBe('first\n')
    write('real/one.email.liquid', email('second'))
    clock = 5_000
    expect(messages.render('email', 'linked/one', scope).text).toBe('second\n')
  })
})

describe('check', () => {
  const outline = (name: string, more: Partial<JourneyOutline>): JourneyOutline => ({
    name,
    description: '',
    enrollOn: [{ name: 'Cart Updated', conditions: {} }],
    reentry: 'once',
    exitOn: [],
    holdout: 0,
    category: 'marketing',
    priority: 0,
    stages: [],
    steps: [{ id: 'remind', verb: 'send', messages: [{ channel: 'email', template: 'one' }] }],
    listensTo: [],
    listensToAnyKey: [],
    watchesTraits: [],
    ...more,
  })
  const manifestOf = (...journeys: JourneyOutline[]): Manifest => ({
    build: 'b',
    journeys: Object.fromEntries(journeys.map((journey) => [journey.name, journey])),
  })
  const nouns = {
    traits: ['firstName', 'email'],
    events: { 'Cart Updated': ['cart_id', 'total'], 'Order Completed': ['order_id'] },
    topics: ['offers', 'tips'],
  }
  const check = (...journeys: JourneyOutline[]) => load().check(manifestOf(...journeys), nouns)

  it('finds nothing where all is well', () => {
    const text =
      '{{ customer.firstName | default: customer.id }} {{ trigger.total }} {{ data.anything }} {{ links.unsubscribe }} {{ journey }}'
    write(
      'one.email.liquid',
      email(
        `${text}{% assign x = trigger.cart_id %}{{ x }}{% for i in data.list %}{{ i.name }}{{ forloop.index }}{% endfor %}`,
      ),
    )
    write('not-a-message.txt', '{{ nope }}')
    expect(check(outline('cart', {}))).toEqual([])
  })

  it('finds a send of a message that does not exist, also among several that a step chooses from', () => {
    write('one.email.liquid', email('x'))
    const messages = [
      { channel: 'email', template: 'one' },
      { channel: 'email', template: 'two' },
      { channel: 'webhook', template: 'one' },
    ]
    expect(
      check(
        outline('cart', {
          steps: [
            { id: 'remind', verb: 'send', messages },
            { id: 'sleep', verb: 'sleep' },
          ],
        }),
      ),
    ).toEqual([
      'the step remind of cart sends what cannot be sent: there is no message file two.email.liquid',
      'the step remind of cart sends what cannot be sent: there is no message file one.webhook.liquid',
    ])
  })

  it('finds unknown variables, traits and links, with the line', () => {
    write(
      'one.email.liquid',
      email('{{ client.name }}\n{{ customer.firstname }}', '{% if links.unsubscrib %}{% endif %}'),
    )
    expect(check()).toEqual([
      'one.email.liquid, line 4: there is no variable client; there are customer, trigger, data, links, journey',
      'one.email.liquid, line 5: customers have no trait firstname',
      'one.email.liquid, line 7: there is no link unsubscrib',
    ])
  })

  it('finds what no enrolling event has, also behind a default', () => {
    write('one.email.liquid', email('{{ trigger.order_id | default: "x" }}'))
    expect(check(outline('cart', {}))).toEqual([
      'one.email.liquid, line 4: no event that enrolls has trigger.order_id, and the step remind of cart sends this',
    ])
    const both = [
      { name: 'Cart Updated', conditions: {} },
      { name: 'Order Completed', conditions: {} },
    ]
    expect(check(outline('cart', { enrollOn: both }))).toEqual([])
  })

  it('finds topics that the catalog does not have, of a journey and of one message', () => {
    write('one.email.liquid', email('x'))
    const about = (topic: string) => [{ channel: 'email', template: 'one', topic }]
    expect(
      check(
        outline('cart', { topic: 'offers', steps: [{ id: 'a', verb: 'send', messages: about('tips') }] }),
      ),
    ).toEqual([])
    expect(
      check(
        outline('cart', { topic: 'ofers', steps: [{ id: 'a', verb: 'send', messages: about('tipps') }] }),
      ),
    ).toEqual([
      'the journey cart is about the topic ofers, which catalog/topics does not have; it has offers, tips',
      'the step a of cart is about the topic tipps, which catalog/topics does not have; it has offers, tips',
    ])
  })

  it('does not guess what others hand over, or what events of unknown shape carry', () => {
    write('one.email.liquid', email('{{ trigger.order_id }}'))
    expect(check(outline('cart', { enrollOn: [] }))).toEqual([])
    expect(check(outline('cart', { enrollOn: [{ name: 'Elsewhere', conditions: {} }] }))).toEqual([])
  })

  it('finds texts that do not parse, sent or not', () => {
    write('one.email.liquid', email('{{ customer.id | shout }}'))
    write('two/three.webhook.liquid', '{% unless %}')
    expect(check(outline('cart', {}))).toEqual([
      'one.email.liquid, line 4: undefined filter: shout',
      expect.stringMatching(/^two\/three\.webhook\.liquid, line 1: /),
      'the step remind of cart sends what cannot be sent: one.email.liquid, line 4: undefined filter: shout',
    ])
  })
})
