import { z } from 'zod'
import { languageOf, languages } from '../../catalog/languages'
import { MalformedReceipt, type Arrival, type ReceiptSource } from '../../channels'
import type { Receipt } from '../../sdk'
import { Problem } from '../../sdk/problem'
import type { Api, Limits } from '../deps'
import { ok, route, type Call, type Route } from '../route'

const body = z.instanceof(Buffer).meta({ description: 'As the provider sends it' })

const asking = route({
  method: 'get',
  path: '/receipts/{provider}',
  role: 'open',
  tag: 'Receipts',
  summary: 'Where a provider asks whether the address is ours',
  params: z.object({ provider: z.string() }),
  query: z.looseObject({}),
  answers: { 200: { description: 'The word that it gave', type: 'text/plain' } },
  problems: ['not-found', 'unsigned'],
  handle({ params, query }, api) {
    for (const source of sourcesOf(params.provider, api)) {
      const word = source.challenge?.(query)
      if (word !== undefined) return { status: 200 as const, body: word }
    }
    throw new Problem('unsigned', `The request does not carry the word that ${params.provider} was given.`)
  },
})

/** Where providers tell what became of messages, and bring answers. A 2xx means stored. */
export const receiptRoutes = (limits: Limits): readonly Route[] => [
  asking,
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
      const answers = await accept(source, receipts, api)
      await say(source, arrival, answers, api)
      const answer = source.answer?.(arrival, answers[0]?.text)
      return answer ? { status: 200 as const, ...answer } : ok({ success: true })
    },
  }),
]

/** Whose signature it carries: the provider's, or that of an account at it. */
async function signerOf(provider: string, arrival: Arrival, api: Api): Promise<ReceiptSource> {
  for (const source of sourcesOf(provider, api)) if (await source.verify(arrival)) return source
  api.metrics.count('sojourn_receipts_refused_total', { provider })
  throw new Problem('unsigned', `The request is not signed by ${provider}, or too long ago.`)
}

function sourcesOf(provider: string, { receiptSources }: Api): readonly ReceiptSource[] {
  const sources = receiptSources?.get(provider)
  if (sources) return sources
  throw new Problem('not-found', 'Receipts of this provider are not taken: it is not one, or not configured.')
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

/** What is to be said to a customer who wrote STOP, START or HELP. */
interface Confirmation {
  readonly receipt: Receipt
  readonly text: string
}

/** Resolves with what is to be said: once for each, and not where it is stopped already. */
async function accept(
  { provider }: ReceiptSource,
  receipts: readonly Receipt[],
  api: Api,
): Promise<readonly Confirmation[]> {
  const confirmations: Confirmation[] = []
  for (const together of apart(receipts)) {
    const { added, customerIds } = await api.store.receipts.accept(provider, together)
    api.metrics.count('sojourn_receipts_accepted_total', { provider }, added)
    const [receipt] = together
    if (!receipt || !asksForAnswer(receipt) || added === 0) continue
    const text = await confirmationFor(receipt, customerIds[0], api)
    if (text !== undefined) confirmations.push({ receipt, text })
  }
  return confirmations
}

const asksForAnswer = ({ keyword, confirmed }: Receipt): boolean => keyword !== undefined && !confirmed

/** In their order; each that asks for an answer by itself, so that it is known whether it is new, and whose. */
function apart(receipts: readonly Receipt[]): Receipt[][] {
  const groups: Receipt[][] = []
  for (const receipt of receipts) {
    const last = groups.at(-1)
    if (last && !asksForAnswer(receipt) && !asksForAnswer(last[0]!)) last.push(receipt)
    else groups.push([receipt])
  }
  return groups
}

/** What is stored stays so: a provider that cannot be reached is no reason to have it all told again. */
async function say(
  source: ReceiptSource,
  arrival: Arrival,
  confirmations: readonly Confirmation[],
  { logger }: Api,
): Promise<void> {
  for (const { receipt, text } of confirmations) {
    await source.say?.(arrival, receipt, text).catch((error: Error) => {
      const { provider } = source
      logger.warn(
        { provider, because: error.message },
        'A customer who wrote STOP or the like was not answered',
      )
    })
  }
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
