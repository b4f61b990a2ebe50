import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import type { Answer, Patience } from './channel'
import { retryAfterMs } from './webhook/retry-after'

/** What became of a request. unsent: the provider has seen nothing of it. lost: it may have seen all of it. */
export type Told =
  | { readonly is: 'answered'; readonly answer: HttpAnswer }
  | { readonly is: 'unsent' | 'lost'; readonly because: string }

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
  readonly body: string
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

/** Posts to a provider's API. Nothing is repeated and no redirect followed: what was written once may have been taken. */
export function httpClient(given: Partial<HttpTimeouts> = {}): HttpClient {
  const timeouts = { ...TIMEOUTS, ...given }
  const agent = new Agent({ connect: { timeout: timeouts.patient } })
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
    return begun
      ? { is: 'lost', because: `the connection broke before the provider answered (${codeOf(error)})` }
      : { is: 'unsent', because: `the provider could not be reached (${codeOf(error)})` }
  } finally {
    clearTimeout(timer)
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MOST_BYTES) break
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

// Codes alone: a message may hold the address.
const codeOf = (error: unknown): string => {
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
  /** What a 4xx about the message means. */
  refused(answer: HttpAnswer): Answer
  /** How long it wants to be left alone, where Retry-After does not say. */
  waitMs?(answer: HttpAnswer, now: number): number | undefined
}

/** Wrong keys, wrong addresses, unpaid bills: ours to mend, and no fault of the message. */
const OUR_SIDE = [401, 402, 403, 404, 405]
const BUSY = [429, 503]

/** What an answer means for the message. A 5xx may come from a server behind the one that took it. */
export function verdict(told: Told, reading: Reading): Answer {
  if (told.is !== 'answered') {
    const { because } = told
    return told.is === 'lost' ? { is: 'unknown', because } : { is: 'busy', because, fault: 'down' }
  }
  const { answer } = told
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
