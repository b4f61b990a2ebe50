import { formats, type MessageScope } from '../../activities/messages/formats'
import { MessageError } from '../../activities/messages'

const scope: MessageScope = {
  customer: { id: 'c-1', firstName: 'Zoë\n<!channel> & co', locale: 'de', nickname: null },
  trigger: { order_id: '4711' },
  data: {},
  links: { unsubscribe: 'https://shop.example/u', preferences: '', confirm: '' },
  journey: 'care',
}
const rendered = (channel: string, source: string) =>
  formats[channel]!(source, `care/one.${channel}.liquid`).render(scope)
const faultOf = (channel: string, source: string): string => {
  try {
    rendered(channel, source)
  } catch (error) {
    expect(error).toBeInstanceOf(MessageError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

const [de, en] = ['d', 'e'].map((digit) => `HX${digit.repeat(32)}`)

describe('whatsapp', () => {
  it('is a text of ours', () => {
    expect(rendered('whatsapp', '\nOrder {{ trigger.order_id }}\nis late\n')).toEqual({
      text: 'Order 4711\nis late',
    })
  })

  it('is an approved template, by the language of the customer, with its variables on one line each', () => {
    const choice = `{% if customer.locale == 'de' %}${de}{% else %}${en}{% endif %}`
    expect(
      rendered(
        'whatsapp',
        `template: ${choice}\n\n1: {{ customer.firstName }}\norder: {{ trigger.order_id }}\n`,
      ),
    ).toEqual({ template: { id: de, variables: { 1: 'Zoë <!channel> & co', order: '4711' } } })
  })

  it.each([
    ['order_late/en_US', { approved: { name: 'order_late', language: 'en_US' } }],
    [`${de} order_late/de`, { id: de, approved: { name: 'order_late', language: 'de' } }],
    [`order_late/{{ customer.locale }}, ${de}`, { id: de, approved: { name: 'order_late', language: 'de' } }],
  ])('is named as each provider has it: %s', (names, named) => {
    expect(rendered('whatsapp', `template: ${names}\n1: a`)).toEqual({
      template: { ...named, variables: { 1: 'a' } },
    })
  })

  it.each([
    [
      'template: HX12',
      'care/one.whatsapp.liquid: the template must read HX and 32 hex digits, or name/language as Meta has it',
    ],
    [
      `template: ${de} order late`,
      'care/one.whatsapp.liquid: the template must read HX and 32 hex digits, or name/language as Meta has it',
    ],
    [`template: ${de}\n1: {{ customer.nickname }}`, 'care/one.whatsapp.liquid: the variable 1 is empty'],
    [`template: ${de}\n1: a\n1: b`, 'care/one.whatsapp.liquid, line 3: a second 1'],
    [`template: ${de}\nHello`, 'care/one.whatsapp.liquid, line 2: it must read "name: value"'],
    [
      `template: ${de}\n1: {{ customer.age }}`,
      'care/one.whatsapp.liquid, line 2: undefined variable: customer.age',
    ],
    [' \n', 'care/one.whatsapp.liquid: the text is empty'],
  ])('says what is wrong with %j', (source, sentence) => {
    expect(faultOf('whatsapp', source)).toBe(sentence)
  })
})

describe.each(['push', 'web-push'])('%s', (channel) => {
  it('has a title, a text and perhaps a link', () => {
    const link = 'link: https://shop.example/{{ trigger.order_id }}\n'
    const text = '--- text\n\nIt comes, {{ customer.firstName }}\n'
    expect(rendered(channel, `title: Order {{ trigger.order_id }}\n${link}${text}`)).toEqual({
      title: 'Order 4711',
      link: 'https://shop.example/4711',
      text: 'It comes, Zoë\n<!channel> & co',
    })
    expect(rendered(channel, 'title: a\n--- text\nb')).toEqual({ title: 'a', text: 'b' })
  })

  it.each([
    ['--- text\nb', 'the title is empty'],
    ['title: {{ customer.nickname }}\n--- text\nb', 'the title is empty'],
    ['title: a', 'the text is empty'],
    ['title: a\nicon: b\n--- text\nc', 'there is no field icon, only title and link'],
  ])('says what is wrong with %j', (source, sentence) => {
    expect(faultOf(channel, source)).toBe(`care/one.${channel}.liquid: ${sentence}`)
  })
})

describe('slack', () => {
  it('is a text in which nobody’s name calls a channel or passes for a link', () => {
    expect(rendered('slack', 'Ask <https://shop.example|us>, {{ customer.firstName }}')).toEqual({
      text: 'Ask <https://shop.example|us>, Zoë\n&lt;!channel&gt; &amp; co',
    })
  })
})

describe('audience', () => {
  it('names the audience, and what the customer may be known by', () => {
    const email = 'email: {{ customer.email | default: "" }}'
    expect(rendered('audience', `audience: 4711\n${email}\nphone: +49 30 123456`)).toEqual({
      audience: { id: '4711', phone: '+49 30 123456' },
    })
  })

  it.each([
    ['audience: 4711', 'it has neither an email nor a phone'],
    ['email: a@example.com', 'the audience is empty'],
    ['audience: 1\nname: Ada', 'there is no field name, only audience and email and phone'],
  ])('says what is wrong with %j', (source, sentence) => {
    expect(faultOf('audience', source)).toBe(`care/one.audience.liquid: ${sentence}`)
  })
})

it('knows the variables of all its parts, and where they are', () => {
  const { variables } = formats.whatsapp!(`template: ${de}\n\n1: {{ trigger.plan }}`, 'a.whatsapp.liquid')
  expect(variables).toEqual([{ path: ['trigger', 'plan'], where: 'a.whatsapp.liquid, line 3' }])
})
