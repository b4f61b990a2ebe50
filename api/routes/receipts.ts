import { z } from 'zod'
import { languageOf, languages } from '../../catalog/languages'
import { MalformedReceipt, type Arrival, type ReceiptSource } from '../../channels'
import type { Receipt } from '../../sdk'
import { Problem } from '../../sdk/problem'
import type { Api, Limits } from '../deps'
import { ok, route, type Call, type Route } from '../route'

const body = z.instanceof(Buffer).meta({ description: 'As the provider sends it' })

/** Where providers tell what became of messages, and bring answers. A 2xx means stored. */
export const receiptRoutes = (limits: Limits): readonly Route[] => [
  route({
    method: 'post',
    path: '/receipts/{provider}',
    role: 'open',
    tag: 'Receipts',
    summary: 'Receipts of a provider, signed by it',
    description:
      'Nothing happens where the signature is missing, wrong or too old. The same receipt counts once.',
    params: z.object({ provider: z.string() }),
    body,
    bodyType: 'raw',
    bodyLimit: limits.receiptBytes,
    answers: { 200: { description: 'Every receipt is stored; in the form the provider asks for' } },
    problems: ['not-found', 'unsigned', 'too-large', 'invalid-json'],
    async handle(call, api) {
      const arrival = arrivalOf(call, api)
      const source = await signerOf(call.params.provider, arrival, api)
      await source.confirm?.(arrival)
      const receipts = read(source, arrival)
      const confirmation = await accept(source, receipts, api)
      const answer = source.answer?.(arrival, confirmation)
      return answer ? { status: 200 as const, ...answer } : ok({ success: true })
    },
  }),
]

/** Whose signature it carries: the provider's, or that of an account at it. */
async function signerOf(provider: string, arrival: Arrival, api: Api): Promise<ReceiptSource> {
  const sources = api.receiptSources?.get(provider)
  if (!sources)
    throw new Problem(
      'not-found',
      'Receipts of this provider are not taken: it is not one, or not configured.',
    )
  for (const source of sources) if (await source.verify(arrival)) return source
  api.metrics.count('sojourn_receipts_refused_total', { provider })
  throw new Problem('unsigned', `The request is not signed by ${provider}, or too long ago.`)
}

const arrivalOf = (
  { body, headers, address }: Call<unknown, unknown, Buffer>,
  { publicUrl }: Api,
): Arrival => ({
  body,
  headers,
  url: publicUrl + address,
  now: Date.now(),
})

function read(source: ReceiptSource, arrival: Arrival): readonly Receipt[] {
  try {
    return source.parse(arrival)
  } catch (error) {
    if (error instanceof MalformedReceipt) throw new Problem('invalid-json', error.message)
    throw error
  }
}

/** Resolves with what is to be said to a customer who wrote STOP, START or HELP: once for each, and not when it is stopped already. */
async function accept(
  { provider }: ReceiptSource,
  receipts: readonly Receipt[],
  api: Api,
): Promise<string | undefined> {
  const { added, customerIds } = await api.store.receipts.accept(provider, receipts)
  api.metrics.count('sojourn_receipts_accepted_total', { provider }, added)
  const asked = receipts.find(({ keyword, confirmed }) => keyword && !confirmed)
  if (!asked || added === 0) return undefined
  return confirmationFor(asked, customerIds[0], api)
}

async function confirmationFor(
  { keyword, from }: Receipt,
  customerId: string | undefined,
  { store }: Api,
): Promise<string | undefined> {
  const customer = customerId === undefined ? undefined : await store.customers.get(customerId)
  if (keyword === 'stop' && customer && (await hasStopped(customer.id, from?.channel, store)))
    return undefined
  const { locale, language } = customer?.traits ?? {}
  return languages[languageOf([locale, language])].keywords[keyword!]
}

async function hasStopped(customerId: string, channel = '', store: Api['store']): Promise<boolean> {
  const words = await store.consents.current(customerId)
  return words.some(
    (word) => word.channel === channel && word.purpose === 'marketing' && word.state === 'withdrawn',
  )
}
