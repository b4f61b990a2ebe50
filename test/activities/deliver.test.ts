import { ApplicationFailure } from '@temporalio/activity'
import type { Answer } from '../../channels'
import { ChannelUnavailable } from '../../channels'
import { email, webhook } from '../../sdk'
import type { Judgment } from '../../sdk/contact'
import { suppressionKey, type Store } from '../../store'
import { never, openStage, type Stage } from './stage'
import { freshStore } from '../support/postgres'

let store: Store
let stage: Stage
beforeAll(async () => {
  store = await freshStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  stage = await openStage(store)
})
afterEach(() => stage.close())

const touchpoint: Stage['touchpoint'] = (more) => stage.touchpoint(more)
const help = () => touchpoint({ step: 'help', message: webhook('crm', 'help') })
const helloId = () => `${stage.enrollment}/1/hello/1`
const rows = () => store.touchpoints.ofEnrollment(stage.enrollment, 1)
const told = () => stage.news.map((news) => (news.kind === 'touchpoint' ? news.row.status : news.kind))
const answering =
  (...answers: Answer[]) =>
  async () =>
    answers.shift() ?? ({ is: 'unknown', because: 'asked too often' } as const)
const deliver = (...args: Parameters<Stage['activities']['deliver']>) => stage.activities.deliver(...args)
const failureOf = async (attempt: Promise<unknown>): Promise<ApplicationFailure> => {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ApplicationFailure)
  return error as ApplicationFailure
}

describe('sends', () => {
  it('what was rendered for the customer, and records it', async () => {
    expect(await deliver(touchpoint(), 'inline')).toEqual({
      is: 'sent',
      touchpoint: helloId(),
      at: '2027-03-01T09:00:00.000Z',
    })
    const [row] = await rows()
    expect(stage.email.sent).toEqual([
      {
        patience: 'inline',
        outgoing: {
          touchpointId: helloId(),
          ref: row!.ref,
          address: 'ada@customers.example',
          category: 'marketing',
          unsubscribeUrl: `https://shop.example/unsubscribe/${row!.ref}`,
          content: {
            subject: 'Hello Ada',
            text: `pro X1 https://shop.example/unsubscribe/${row!.ref} care\n`,
          },
        },
      },
    ])
    expect(row).toMatchObject({
      id: helloId(),
      status: 'sent',
      customerId: stage.customer,
      step: 'hello',
      channel: 'email',
      message: 'hello',
      provider: 'played',
      providerMessageId: `<${row!.ref}>`,
      attempts: 1,
      at: Date.parse('2027-03-01T09:00:00Z'),
      verdicts: [
        { rule: 'recipient', allows: true },
        { rule: 'suppression', allows: true },
        { rule: 'global holdout', allows: true },
        { rule: 'consent', allows: true, because: expect.stringMatching(/^the customer has said nothing/) },
        { rule: 'stops', allows: true },
        { rule: 'quiet hours', allows: true },
        { rule: 'frequency caps', allows: true },
        { rule: 'arbitration', allows: true },
      ],
    })
    expect(told()).toEqual(['sent'])
  })

  it('once, however often it is asked', async () => {
    const first = await deliver(touchpoint(), 'inline')
    expect(await deliver(touchpoint(), 'inline')).toEqual(first)
    expect(await deliver(touchpoint(), 'patient')).toEqual(first)
    expect(stage.email.sent).toHaveLength(1)
    expect(told()).toEqual(['sent'])
  })

  it('each occurrence and each entry of a step by itself', async () => {
    await deliver(touchpoint(), 'inline')
    await deliver(touchpoint({ occurrence: 2 }), 'inline')
    await deliver(touchpoint({ entry: 2 }), 'inline')
    expect(new Set(stage.email.sent.map(({ outgoing }) => outgoing.ref)).size).toBe(3)
  })

  it('to the customer an alias leads to', async () => {
    await stage.store.customers.merge('visitor-deliver', stage.customer)
    await deliver(touchpoint({ customerId: 'visitor-deliver' }), 'inline')
    expect(stage.email.sent[0]?.outgoing.address).toBe('ada@customers.example')
    expect((await rows())[0]?.customerId).toBe(stage.customer)
  })

  it('with an id that no trait can take', async () => {
    await stage.store.customers.identify(stage.customer, { id: 'somebody-else' }, 1)
    stage.write('who.email.liquid', 'subject: x\n--- text\n{{ customer.id }}')
    await deliver(touchpoint({ message: email('who') }), 'inline')
    expect(stage.email.sent[0]?.outgoing.content.text).toBe(`${stage.customer}\n`)
  })

  it('a webhook to its endpoint', async () => {
    expect(await deliver(help(), 'inline')).toMatchObject({ is: 'sent' })
    expect(stage.webhook.sent[0]?.outgoing).toMatchObject({
      address: 'crm',
      content: { body: { type: 'help', customer: stage.customer } },
    })
  })
})

const says = (state: 'granted' | 'withdrawn', occurredAt: number) =>
  store.consents.record({
    customerId: stage.customer,
    channel: 'email',
    purpose: 'marketing',
    source: 'api',
    state,
    occurredAt,
  })

describe('withholds, in one row with every verdict', () => {
  it.each([
    ['no-customer', { customerId: 'stranger' }],
    ['no-address', { customerId: 'no-address' }],
  ])('%s', async (because, more) => {
    await stage.store.customers.identify('no-address', { firstName: 'Bo' }, 0)
    const withheld = { is: 'withheld', touchpoint: helloId(), because }
    expect(await deliver(touchpoint(more), 'inline')).toEqual(withheld)
    expect(await deliver(touchpoint(more), 'inline')).toEqual(withheld)
    expect(await rows()).toMatchObject([{ status: 'withheld', because, attempts: 0 }])
    expect(stage.email.sent).toHaveLength(0)
    expect(told()).toEqual(['withheld'])
  })

  it('marketing from one who unsubscribed, and not transactional mail', async () => {
    await says('withdrawn', 1)
    expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'withheld', because: 'unsubscribed' })
    const refusing = (await rows())[0]?.verdicts.filter(({ allows }) => !allows)
    expect(refusing).toEqual([
      {
        rule: 'consent',
        allows: false,
        because: 'consent to marketing by email was withdrawn on 1970-01-01',
      },
    ])
    expect(await deliver(touchpoint({ step: 'invoice', category: 'transactional' }), 'inline')).toMatchObject(
      { is: 'sent' },
    )
  })

  it('nothing from one who consented again', async () => {
    await says('withdrawn', 1)
    await says('granted', 2)
    expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'sent' })
  })
})

it('withdraws what comes after the enrollment ended', async () => {
  const { enrollment, customer } = stage
  const outcome = { is: 'completed' } as const
  await stage.activities.endEnrollment({
    id: enrollment,
    entry: 1,
    journey: 'care',
    customerId: customer,
    outcome,
    endedAt: 1,
  })
  expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'withheld', because: 'withdrawn' })
  expect(stage.email.sent).toHaveLength(0)
})

describe('fails without retries', () => {
  it.each([
    [
      'a variable the customer lacks',
      { trigger: {} },
      'hello.email.liquid, line 3: undefined variable: trigger.plan',
    ],
  ])('for %s', async (_, more, because) => {
    const failed = { is: 'failed', touchpoint: helloId(), because }
    expect(await deliver(touchpoint(more), 'inline')).toEqual(failed)
    expect(await deliver(touchpoint(more), 'patient')).toEqual(failed)
    expect(await rows()).toMatchObject([{ status: 'failed', because }])
    expect(told()).toEqual(['failed'])
  })

  it('when the provider refuses', async () => {
    stage.email.answer = answering({ is: 'refused', because: '550 no such user' })
    const failed = { is: 'failed', touchpoint: helloId(), because: '550 no such user' }
    expect(await deliver(touchpoint(), 'inline')).toEqual(failed)
    expect(await deliver(touchpoint(), 'patient')).toEqual(failed)
    expect(stage.email.sent).toHaveLength(1)
  })
})

describe('an unsubscribe reaches what was decided and not handed over', () => {
  const verdicts: [] = []
  const request = () => {
    const { message, occurrence: _, trigger: __, ...rest } = touchpoint()
    return { ...rest, id: helloId(), channel: 'email', message: message.template, provider: 'played' }
  }

  it.each<Judgment>([
    { is: 'proposed', waitMs: 1, verdicts },
    { is: 'held', because: 'quiet-hours', until: 1, expiresAt: null, verdicts },
  ])('though it was $is', async (judgment) => {
    await store.touchpoints.reserve(request(), 60_000, () => ({ judgment, priority: 1 }))
    expect(await rows()).toMatchObject([{ status: judgment.is }])
    await says('withdrawn', 1)
    expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'withheld', because: 'unsubscribed' })
    expect(stage.email.sent).toEqual([])
  })

  it('though the provider had put it off', async () => {
    stage.email.answer = answering({ is: 'busy', because: 'later' })
    expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'busy' })
    await says('withdrawn', 1)
    expect(await deliver(touchpoint(), 'patient')).toMatchObject({ is: 'withheld', because: 'unsubscribed' })
    expect(stage.email.sent).toHaveLength(1)
  })

  it('and a suppression of the address does too', async () => {
    stage.email.answer = answering({ is: 'busy', because: 'later' })
    await stage.store.customers.identify(stage.customer, { email: 'late@customers.example' }, 1)
    await deliver(touchpoint(), 'inline')
    const key = suppressionKey('email', 'late@customers.example')
    await store.suppressions.suppress(key, { reason: 'complaint', source: 'test' })
    expect(await deliver(touchpoint(), 'patient')).toMatchObject({ is: 'withheld', because: 'suppressed' })
  })
})

describe('is unknown, and never repeated', () => {
  it('when the provider cannot tell', async () => {
    stage.email.answer = answering({ is: 'unknown', because: 'the connection broke' })
    const unknown = { is: 'unknown', touchpoint: helloId(), because: 'the connection broke' }
    expect(await deliver(touchpoint(), 'inline')).toEqual(unknown)
    expect(await deliver(touchpoint(), 'patient')).toEqual(unknown)
    expect(stage.email.sent).toHaveLength(1)
    expect(told()).toEqual(['unknown'])
  })

  it('when the provider throws, which it never should', async () => {
    stage.email.answer = async () => Promise.reject(new TypeError('ada@customers.example'))
    expect(await deliver(touchpoint(), 'inline')).toMatchObject({
      is: 'unknown',
      because: 'the provider broke (TypeError)',
    })
  })
})

test('a message of another build is left to a worker that has it', async () => {
  const because = 'there is no message file tips.email.liquid'
  const tips = touchpoint({ message: email('tips') })
  expect(await deliver(tips, 'inline')).toEqual({ is: 'busy', because })
  expect(await failureOf(deliver(tips, 'patient'))).toMatchObject({ message: because, nonRetryable: false })
  expect(await rows()).toMatchObject([{ status: 'retrying', because }])
  stage.write('tips.email.liquid', 'subject: Tips\n--- text\nOne.\n')
  expect(await deliver(tips, 'patient')).toMatchObject({ is: 'sent' })
  expect(stage.email.sent).toHaveLength(1)
})

describe('a busy provider', () => {
  const busy: Answer = { is: 'busy', because: 'greylisted' }

  it('is an answer inline, and the patient attempt sends', async () => {
    stage.email.answer = answering(busy, { is: 'accepted', providerMessageId: 'x' })
    expect(await deliver(touchpoint(), 'inline')).toEqual(busy)
    expect(await rows()).toMatchObject([{ status: 'retrying', because: 'greylisted', attempts: 1 }])
    expect(told()).toEqual([])
    expect(await deliver(touchpoint(), 'patient')).toMatchObject({ is: 'sent' })
    expect(await rows()).toMatchObject([{ status: 'sent', attempts: 2 }])
    expect(stage.email.sent.map(({ patience }) => patience)).toEqual(['inline', 'patient'])
    expect(stage.email.sent[0]?.outgoing.ref).toBe(stage.email.sent[1]?.outgoing.ref)
  })

  it.each([
    [undefined, undefined],
    [120_000, 120_000],
    [86_400_000, 3_600_000],
  ])(
    'is a retryable failure patiently; Retry-After %p makes a delay of %p',
    async (retryAfterMs, nextRetryDelay) => {
      stage.email.answer = answering({ ...busy, retryAfterMs })
      const failure = await failureOf(deliver(touchpoint(), 'patient'))
      expect(failure).toMatchObject({ type: 'provider-busy', message: 'greylisted', nonRetryable: false })
      expect(failure.nextRetryDelay ?? undefined).toBe(nextRetryDelay)
      expect(await rows()).toMatchObject([{ status: 'retrying' }])
    },
  )

  it('gives way to a customer who unsubscribed meanwhile', async () => {
    stage.email.answer = answering(busy)
    await deliver(touchpoint(), 'inline')
    await says('withdrawn', 1)
    expect(await deliver(touchpoint(), 'patient')).toMatchObject({ is: 'withheld', because: 'unsubscribed' })
    expect(stage.email.sent).toHaveLength(1)
  })

  it('uses the text as it is by then', async () => {
    stage.email.answer = answering(busy, { is: 'accepted', providerMessageId: 'x' })
    await deliver(touchpoint(), 'inline')
    stage.write('hello.email.liquid', 'subject: Hello again\n--- text\nx')
    await deliver(touchpoint(), 'patient')
    expect(stage.email.sent.map(({ outgoing }) => outgoing.content.subject)).toEqual([
      'Hello Ada',
      'Hello again',
    ])
  })
})

describe('a process that dies while sending', () => {
  /** Its call never returns, and its lease has passed. */
  const dying = async (which: 'email' | 'webhook') => {
    stage.leaseMs = 1
    stage[which].answer = () => never()
    void deliver(which === 'email' ? touchpoint() : help(), 'inline')
    while (stage[which].sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 20))
    stage.leaseMs = undefined
    stage[which].answer = async ({ ref }) => ({ is: 'accepted', providerMessageId: ref })
  }

  it('leaves a mail unknown: it is not sent again', async () => {
    await dying('email')
    const unknown = { is: 'unknown', touchpoint: helloId(), because: 'interrupted while sending' }
    expect(await deliver(touchpoint(), 'inline')).toEqual(unknown)
    expect(await deliver(touchpoint(), 'patient')).toEqual(unknown)
    expect(stage.email.sent).toHaveLength(1)
    expect(told()).toEqual(['unknown'])
  })

  it('has its webhook sent again, under the same id', async () => {
    await dying('webhook')
    expect(await deliver(help(), 'inline')).toMatchObject({ is: 'sent' })
    const refs = stage.webhook.sent.map(({ outgoing }) => outgoing.ref)
    expect(refs).toHaveLength(2)
    expect(new Set(refs).size).toBe(1)
  })

  it('does not turn a webhook that may have arrived into a failed one', async () => {
    await dying('webhook')
    await stage.store.customers.identify(stage.customer, { firstName: null }, 2)
    const gone = { ...help(), message: webhook('crm', 'nope') }
    expect(await deliver(gone, 'inline')).toMatchObject({ is: 'unknown' })
  })

  it('is waited for as long as its lease holds', async () => {
    stage.email.answer = () => never()
    void deliver(touchpoint(), 'inline')
    while (stage.email.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const waiting = await deliver(touchpoint(), 'inline')
    expect(waiting).toMatchObject({ is: 'busy', because: 'another attempt is under way' })
    if (waiting.is !== 'busy') throw new Error('unreachable')
    expect(waiting.retryAfterMs).toBeGreaterThan(0)
    const failure = await failureOf(deliver(touchpoint(), 'patient'))
    expect(failure.nextRetryDelay).toBeGreaterThan(0)
  })
})

it('records the fate although the database was away for a moment', async () => {
  stage.databaseAway = 2
  expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'sent' })
  expect(await rows()).toMatchObject([{ status: 'sent' }])
  expect(stage.email.sent).toHaveLength(1)
})

it('gives a touchpoint back when something breaks before anything was handed over', async () => {
  stage.linksFail = 1
  await expect(deliver(touchpoint(), 'inline')).rejects.toThrow('no secret to sign with')
  expect(await rows()).toMatchObject([{ status: 'retrying' }])
  expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'sent' })
  expect(stage.email.sent).toHaveLength(1)
})

it('waits for the setting when a channel has none, and fails no customer for it', async () => {
  const bare = await openStage(store, { carriers: (channel) => { throw new ChannelUnavailable(`The channel ${channel} is not configured`) } }) // prettier-ignore
  const busy = { is: 'busy', because: 'The channel email is not configured' }
  expect(await bare.activities.deliver(touchpoint(), 'inline')).toEqual(busy)
  expect(await failureOf(bare.activities.deliver(touchpoint(), 'patient'))).toMatchObject({
    type: 'provider-busy',
  })
  bare.close()
})

it('writes nothing about anybody to the console or standard output', async () => {
  const written: unknown[] = []
  const spies = [
    ...(['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => jest.spyOn(console, name)),
    jest.spyOn(process.stdout, 'write'),
    jest.spyOn(process.stderr, 'write'),
  ]
  for (const spy of spies) spy.mockImplementation((...args: unknown[]) => (written.push(args), true) as never)
  stage.email.answer = answering({ is: 'busy', because: 'later' }, { is: 'refused', because: 'no' })
  await deliver(touchpoint(), 'inline')
  await deliver(touchpoint(), 'patient')
  await deliver(touchpoint({ step: 'broken', trigger: {} }), 'inline')
  for (const spy of spies) spy.mockRestore()
  expect(written).toEqual([])
})
