import { createHash } from 'node:crypto'
import { request, type Agent } from 'undici'
import { guardedAgent } from '../../channels/guarded-agent'
import { readText } from '../../channels/http'
import { PrivateAddress, type Lookup } from '../../channels/public-address'
import type { HttpModel, NoScores } from '../../sdk/model'
import { checked, unscored, type Answer, type Question, type Scored, type Unscored } from './answer'
import { Breaker } from './breaker'
import { Cache } from './cache'
import type { ModelServer } from './settings'

export interface HttpModelSettings {
  /** By the names that models have in journeys. */
  readonly servers: Readonly<Record<string, ModelServer>>
  /** Hosts that may be at private and loopback addresses. */
  readonly privateHosts: readonly string[]
  /** For tests. */
  readonly lookup?: Lookup
  readonly now?: () => number
}

const MOST_BYTES = 64 * 1024
const CONNECT_MS = 3_000

/** What says that a server is not well; the rest may be about one question. */
const itsFault: ReadonlySet<NoScores> = new Set(['too-slow', 'unreachable', 'refused', 'not-understood'])

/** Asks servers over HTTP: a POST of the question, answered with `{ "scores": { arm: number }, "version"?: text }`. */
export class HttpModels {
  private readonly agent: Agent
  private readonly breakers = new Map<string, Breaker>()
  private readonly cache: Cache<Scored>

  constructor(private readonly settings: HttpModelSettings) {
    const hosts = new Set(settings.privateHosts)
    const allowsPrivate = (hostname: string): boolean => hosts.has(hostname.replace(/^\[|\]$/g, ''))
    this.agent = guardedAgent({ allowsPrivate, timeoutMs: CONNECT_MS, lookup: settings.lookup })
    this.cache = new Cache(settings.now)
  }

  /** Never rejects, and never takes longer than the model may. */
  async score(model: HttpModel, question: Question): Promise<Answer> {
    const server = this.settings.servers[model.http]
    if (!server) return unscored('not-configured', `MODEL_SERVERS has no ${model.http}`)
    const body = JSON.stringify({ model: model.http, ...question })
    const key = createHash('sha256').update(`${model.says} ${body}`).digest('base64')
    const known = this.cache.get(key)
    if (known) return { ...known, cached: true }
    const breaker = this.breakerOf(model.http)
    if (!breaker.allows()) return unscored('resting')
    const answer = await this.ask(server, model, question, body)
    breaker.tell(answer.is === 'scored' || !itsFault.has(answer.because))
    if (answer.is === 'scored') this.cache.set(key, answer, model.cacheMs)
    return answer
  }

  /** Open connections are cut: what they would bring is of no use any more. */
  close(): Promise<void> {
    return this.agent.destroy()
  }

  private async ask(
    server: ModelServer,
    model: HttpModel,
    question: Question,
    body: string,
  ): Promise<Answer> {
    const signal = AbortSignal.timeout(model.timeoutMs)
    try {
      const answered = await post(this.agent, server, body, signal)
      if ('is' in answered) return answered
      return checked(question, model.says, answered.scores, answered.version)
    } catch (error) {
      return failure(error, signal, model)
    }
  }

  private breakerOf(name: string): Breaker {
    const breaker = this.breakers.get(name) ?? new Breaker(this.settings.now)
    this.breakers.set(name, breaker)
    return breaker
  }
}

interface Told {
  readonly scores: Readonly<Record<string, unknown>>
  readonly version?: unknown
}

async function post(
  dispatcher: Agent,
  { url, authorization }: ModelServer,
  body: string,
  signal: AbortSignal,
): Promise<Told | Unscored> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'Sojourn',
    ...(authorization && { authorization }),
  }
  const response = await request(url, { method: 'POST', dispatcher, signal, body, headers })
  if (response.statusCode !== 200) {
    await response.body.dump({ limit: MOST_BYTES, signal })
    return unscored('refused', `it answered ${response.statusCode}`)
  }
  return told(await readText(response.body, MOST_BYTES)) ?? unscored('not-understood')
}

/** Undefined for HTML, for nothing, and for whatever else has no scores. */
function told(text: string): Told | undefined {
  try {
    const answer = JSON.parse(text) as Partial<Told> | null
    const scores = answer?.scores
    const isNamed = typeof scores === 'object' && scores !== null && !Array.isArray(scores)
    return isNamed ? { scores, version: answer!.version } : undefined
  } catch {
    return undefined
  }
}

function failure(error: unknown, signal: AbortSignal, { http, timeoutMs }: HttpModel): Unscored {
  if (error instanceof PrivateAddress)
    return unscored('unreachable', `${http} is not at a public address: name its host in MODEL_PRIVATE_HOSTS`)
  if (signal.aborted) return unscored('too-slow', `no answer within ${timeoutMs} ms`)
  const { code } = error as { code?: unknown }
  // Codes alone: a message may hold the address, and with it a password.
  return unscored('unreachable', typeof code === 'string' ? code : undefined)
}
