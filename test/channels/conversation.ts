import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Outgoing, Provider } from '../../channels'
import type { Double, Says } from '../doubles/provider'

export interface Conversation<Message> {
  readonly double: () => Promise<Double<Message>>
  /** `wrongKey`: with credentials that the provider does not know. */
  readonly provider: (url: string, wrongKey?: boolean) => Provider
  readonly outgoing: Outgoing
  /** What it says to wrong credentials; default: 401. */
  readonly denied?: string
  /** Where the address says itself where the provider is. */
  readonly at?: (url: string, outgoing: Outgoing) => Outgoing
  /** The id that a message was given. */
  readonly idOf: (message: Message) => string
  /** Without `retryAfterMs`: the provider does not say how long. */
  readonly throttled: { readonly says: Says; readonly retryAfterMs?: number }
  readonly refusals: readonly {
    readonly name: string
    readonly outgoing: Outgoing
    readonly answer: object
  }[]
}

/** As short as a busy machine allows, so that a silent provider is given up soon; ms. */
export const timeouts = { inline: 5_000, patient: 5_000, reply: 3_000 }

/** How a provider that knows no repeats is talked with. */
export function hasConversations<Message>(talk: Conversation<Message>): void {
  let double: Double<Message>
  let provider: Provider
  beforeAll(async () => {
    double = await talk.double()
    provider = talk.provider(double.url)
  })
  afterAll(async () => {
    await provider.close?.()
    await double.close()
  })
  beforeEach(() => {
    double.mood = 'well'
    double.taken.length = 0
  })
  const at = (url: string, outgoing = talk.outgoing) => talk.at?.(url, outgoing) ?? outgoing
  const send = (outgoing = talk.outgoing) => provider.send(at(double.url, outgoing), 'patient')

  it('sends, and tells the id it was given', async () => {
    const answer = await send()
    expect(double.taken).toHaveLength(1)
    expect(answer).toEqual({ is: 'accepted', providerMessageId: talk.idOf(double.taken[0]!) })
  })

  it('is busy while it is throttled, for as long as the provider says', async () => {
    double.mood = talk.throttled.says
    const answer = await send()
    expect(answer).toMatchObject({ is: 'busy', because: expect.stringContaining('429') })
    const { retryAfterMs } = answer as { retryAfterMs?: number }
    const { retryAfterMs: wanted } = talk.throttled
    if (wanted === undefined) return expect(retryAfterMs).toBeUndefined()
    expect(retryAfterMs).toBeGreaterThan(wanted - 30_000)
    expect(retryAfterMs).toBeLessThanOrEqual(wanted)
  })

  it.each([...talk.refusals])('is refused: $name', async ({ outgoing, answer }) => {
    expect(await send(outgoing)).toEqual(answer)
    expect(double.taken).toEqual([])
  })

  it('is busy with wrong credentials: they are ours to mend', async () => {
    const stranger = talk.provider(double.url, true)
    const answer = await stranger.send(at(double.url), 'patient')
    await stranger.close?.()
    expect(answer).toMatchObject({ is: 'busy', because: expect.stringContaining(talk.denied ?? '401') })
    expect(double.taken).toEqual([])
  })

  it.each(['silent', 'cut', 'html'] as const)('does not know what became of it: %s', async (mood) => {
    double.mood = mood
    expect((await send()).is).toBe('unknown')
  })

  it.each([500, 502, 504, 408])('does not know what became of it: %i', async (status) => {
    double.mood = { status }
    expect((await send()).is).toBe('unknown')
  })

  it('is busy while nobody is there: nothing was handed over', async () => {
    const nobody = createServer()
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
    const { port } = nobody.address() as AddressInfo
    await new Promise((resolve) => nobody.close(resolve))
    const url = `http://127.0.0.1:${port}`
    const lonely = talk.provider(url)
    const answer = await lonely.send(at(url), 'patient')
    await lonely.close?.()
    expect(answer).toMatchObject({ is: 'busy', because: expect.stringContaining('ECONNREFUSED') })
  })

  it('would be sent twice if it were repeated, and says so', async () => {
    await send()
    await send()
    expect(double.taken).toHaveLength(2)
    expect(provider.idempotent).toBe(false)
  })

  it('says nothing of whom it is for', async () => {
    const { address } = at(double.url)
    double.mood = { status: 422, body: { message: `no ${address}`, errors: [{ message: address }] } }
    const answer = JSON.stringify(await send())
    for (const part of address.split(' ')) expect(answer).not.toContain(part)
  })
}
