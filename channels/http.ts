import { Readable } from 'node:stream'
import { request, type Agent } from 'undici'
import type { Answer, Patience } from './channel'
import { guardedAgent } from './guarded-agent'
import { PrivateAddress, type Reach } from './public-address'
import { retryAfterMs } from './retry-after'

/**
 * What became of a request. unsent: the provider has seen nothing of it. lost: it may have seen all of it. barred: nothing is
 * sent to where it leads.
 */
export type Told =
  | { readonly is: 'answered'; readonly answer: HttpAnswer }
  | { readonly is: 'unsent' | 'lost' | 'barred'; readonly because: string }

export interface HttpAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Undefined where the body is not JSON. */
  readonly json: unknown
}

export interface HttpRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

export interface HttpClient {
  post(wanted: HttpRequest, patience: Patience): Promise<Told>
  close(): Promise<void>
}

/** Milliseconds: until the connection stands, by patience, and from then on until the whole answer is there. */
export interface HttpTimeouts {
  readonly inline: number
  readonly patient: number
  readonly reply: number
}

const TIMEOUTS: HttpTimeouts = { inline: 3_000, patient: 15_000, reply: 30_000 }
const MOST_BYTES = 256 * 1024

/** Posts to a provider's API; `reach` is for addresses that others name. Nothing is repeated and no redirect followed: what was written once may have been taken. */
export function httpClient(
  given: Partial<HttpTimeouts> = {},
  reach: Reach = { allowPrivate: true },
): HttpClient {
  const timeouts = { ...TIMEOUTS, ...given }
  const { allowPrivate, lookup } = reach
  const agent = guardedAgent({ allowsPrivate: () => allowPrivate, timeoutMs: timeouts.patient, lookup })
  return {
    post: (wanted, patience) => post(agent, wanted, timeouts, patience),
    close: () => agent.close(),
  }
}

async function post(
  dispatcher: Agent,
  { url, headers, body }: HttpRequest,
  timeouts: HttpTimeouts,
  patience: Patience,
): Promise<Told> {
  const late = new AbortController()
  const bytes = Buffer.from(body)
  let timer = setTimeout(() => late.abort(), timeouts[patience])
  let begun = false
  // Asked for only once the connection stands: until then nothing is handed over.
  async function* onceConnected() {
    begun = true
    clearTimeout(timer)
    timer = setTimeout(() => late.abort(), timeouts.reply)
    yield bytes
  }
  try {
    const response = await request(url, {
      method: 'POST',
      dispatcher,
      signal: late.signal,
      headers: { ...headers, 'content-length': String(bytes.length), 'user-agent': 'Sojourn' },
      body: Readable.from(onceConnected()),
    })
    const text = await readText(response.body)
    const { statusCode: status, headers: given } = response
    return { is: 'answered', answer: { status, headers: given, text, json: parsed(text) } }
  } catch (error) {
    if (error instanceof PrivateAddress) return barred
    return begun
      ? { is: 'lost', because: `the connection broke before the provider answered (${codeOf(error)})` }
      : { is: 'unsent', because: `the provider could not be reached (${codeOf(error)})` }
  } finally {
    clearTimeout(timer)
  }
}

const barred: Told = { is: 'barred', because: 'the address is not a public one' }

/** At most so many bytes of it, and one more piece. */
export async function readText(body: AsyncIterable<Buffer>, mostBytes = MOST_BYTES): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > mostBytes) break
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What went wrong, in a word. Codes alone: a message may hold the address, and with it a token. */
export const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: string }
  return typeof code === 'string' ? code : (name ?? 'Error')
}

/** The first value of a header, by its lower-case name. */
export function headerOf(headers: HttpAnswer['headers'], name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** How one provider's answers are read. */
export interface Reading {
  /** For sentences. */
  readonly provider: string
  /** The id it gave the message; undefined when the answer is not one that takes a message. */
  accepted(answer: HttpAnswer): string | undefined
  /** What the provider's own words say where they say more than the status; asked first. */
  settled?(answer: HttpAnswer): Answer | undefined
  /** What a 4xx about the message means. */
  refused(answer: HttpAnswer): Answer
  /** How long it wants to be left alone, where Retry-After does not say. */
  waitMs?(answer: HttpAnswer, now: number): number | undefined
}

/** Wrong keys, wrong addresses, unpaid bills: ours to mend, and no fault of the message. */
const OUR_SIDE = [401, 402, 403, 404, 405]
const BUSY = [429, 503]

const WITHOUT_ANSWER = { lost: 'unknown', barred: 'refused' } as const

/** What an answer means for the message. A 5xx may come from a server behind the one that took it. */
export function verdict(told: Told, reading: Reading): Answer {
  if (told.is === 'unsent') return { is: 'busy', because: told.because, fault: 'down' }
  if (told.is !== 'answered') return { is: WITHOUT_ANSWER[told.is], because: told.because }
  return reading.settled?.(told.answer) ?? verdictByStatus(told.answer, reading)
}

function verdictByStatus(answer: HttpAnswer, reading: Reading): Answer {
  const { status } = answer
  const because = `${reading.provider} answered ${status}`
  if (status >= 200 && status < 300) return taken(answer, reading)
  if (BUSY.includes(status))
    return {
      is: 'busy',
      because,
      retryAfterMs: pauseOf(answer, reading),
      fault: status === 429 ? 'throttled' : 'down',
    }
  if (OUR_SIDE.includes(status))
    return { is: 'busy', because: `${because}: look at its settings`, fault: 'down' }
  if (status === 408 || status >= 500) return { is: 'unknown', because }
  return status >= 400 ? reading.refused(answer) : { is: 'busy', because }
}

function taken(answer: HttpAnswer, { provider, accepted }: Reading): Answer {
  const providerMessageId = accepted(answer)
  if (providerMessageId !== undefined) return { is: 'accepted', providerMessageId }
  return { is: 'unknown', because: `${provider} answered ${answer.status}, and not in its own words` }
}

function pauseOf(answer: HttpAnswer, { waitMs }: Reading): number | undefined {
  const now = Date.now()
  return retryAfterMs(answer.headers['retry-after'], now) ?? waitMs?.(answer, now)
}
