import { onlyCarrier } from '../../channels/routes'
import { smtp } from '../../channels/email/smtp'
import type { Provider } from '../../channels'
import { cut, scriptedSmtp, type ScriptedSmtp } from '../channels/scripted-smtp'
import type { Store } from '../../store'
import { openStage, type Stage } from './stage'
import { freshStore } from '../support/postgres'

let store: Store
let server: ScriptedSmtp
let provider: Provider
let stage: Stage
beforeAll(async () => {
  store = await freshStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  server = await scriptedSmtp()
  provider = smtp({ url: server.url, from: 'Shop <hello@shop.example>' })
  stage = await openStage(store, { carriers: () => onlyCarrier(provider) })
})
afterEach(async () => {
  await provider.close?.()
  await server.close()
  stage.close()
})

const touchpoint: Stage['touchpoint'] = (more) => stage.touchpoint(more)
const rows = () => store.touchpoints.ofEnrollment(stage.enrollment, 1)
const deliver = (...args: Parameters<Stage['activities']['deliver']>) => stage.activities.deliver(...args)

it('a mail cut after its last dot stays unknown, and arrives once', async () => {
  server.script = { message: cut }
  expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'unknown' })
  server.script = {}
  expect(await deliver(touchpoint(), 'patient')).toMatchObject({ is: 'unknown' })
  expect(server.bodies).toHaveLength(1)
  expect(await rows()).toMatchObject([{ status: 'unknown', attempts: 1 }])
})

it('a mail put off arrives once, with the Message-ID of its first attempt', async () => {
  server.script = { rcpt: '450 4.2.0 greylisted' }
  expect(await deliver(touchpoint(), 'inline')).toMatchObject({ is: 'busy' })
  server.script = {}
  expect(await deliver(touchpoint(), 'patient')).toMatchObject({ is: 'sent' })
  const [row] = await rows()
  expect(row).toMatchObject({ status: 'sent', providerMessageId: `<${row!.ref}@shop.example>` })
  expect(server.bodies).toEqual([expect.stringContaining(`Message-ID: <${row!.ref}@shop.example>`)])
})

it('a mail refused fails with a reason that does not name the customer', async () => {
  server.script = { rcpt: '550 5.2.1 <ada@customers.example>: disabled' }
  await deliver(touchpoint(), 'inline')
  expect(await rows()).toMatchObject([{ status: 'failed', because: expect.stringContaining('550 5.2.1') }])
  expect(JSON.stringify(await rows())).not.toContain('ada@')
})

it('20 customers at once get one mail each', async () => {
  const customers = Array.from({ length: 20 }, (_, index) => `many-${index}`)
  for (const id of customers)
    await stage.store.customers.identify(id, { firstName: id, email: `${id}@customers.example` }, 0)
  const all = customers.map((customerId) => touchpoint({ customerId, enrollmentId: `care:${customerId}` }))
  const answers = await Promise.all([...all, ...all].map((each) => deliver(each, 'inline')))
  expect(answers.filter(({ is }) => is === 'sent').length).toBeGreaterThanOrEqual(20)
  expect(server.bodies).toHaveLength(20)
  expect(new Set(server.commands.filter((command) => command.startsWith('RCPT'))).size).toBe(20)
})

it('a mailbox that does not exist is not written to again, whoever has its address, and whatever it is about', async () => {
  const at = (customerId: string, more = {}) =>
    touchpoint({ customerId, enrollmentId: `care:${customerId}`, ...more })
  await stage.store.customers.identify('typo', { firstName: 'Al', email: 'nobody@customers.example' }, 0)
  server.script = { rcpt: '550 5.1.1 <nobody@customers.example>: user unknown' }
  expect(await deliver(at('typo'), 'inline')).toMatchObject({ is: 'failed' })
  server.script = {}
  await stage.store.customers.identify(
    'created-anew',
    { firstName: 'Al', email: 'Nobody@Customers.Example' },
    0,
  )
  const again = await deliver(at('created-anew', { category: 'transactional' }), 'inline')
  expect(again).toMatchObject({ is: 'withheld', because: 'suppressed' })
  expect(server.bodies).toEqual([])
  expect(await store.suppressions.inForce({ limit: 10 })).toMatchObject({
    items: [{ reason: 'hard-bounce', source: 'smtp', because: expect.stringContaining('5.1.1 <(address)>') }],
  })
})
