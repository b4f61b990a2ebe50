import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { fastForwarder } from '../../api/fast-forward'
import { openStore, type Store } from '../../store'
import { startInbox, type Inbox } from '../../workers/servers/inbox'
import { lastingPorts } from '../../workers/servers/ports'
import { Crew } from '../start/crew'
import { freshDatabase } from '../support/postgres'
import { Webhooks, webhookSecret } from '../support/world'
import type { Act } from './stories'

const key = 'a-key-of-the-deploy-test'

/** Production processes, of one build after the other, on their own database and task queue, with all they talk to. */
export class Deployment {
  readonly forward: ReturnType<typeof fastForwarder>

  private constructor(
    readonly crew: Crew,
    readonly store: Store,
    readonly temporal: Client,
    readonly inbox: Inbox,
    readonly webhooks: Webhooks,
    private readonly url: string,
    private readonly folder: string,
  ) {
    this.forward = fastForwarder(temporal, store)
  }

  /** With the processes of a build under way; `more` adds to their settings. */
  static async open(dist: string, more: Record<string, string> = {}): Promise<Deployment> {
    const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-deploy-'))
    const inbox = await startInbox({ dir: path.join(folder, 'mail') })
    const webhooks = await Webhooks.open()
    const [port] = await lastingPorts(1)
    const settings = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://journeys.example',
      PORT: String(port),
      DATABASE_URL: await freshDatabase(),
      SMTP_URL: inbox.url,
      API_KEYS: `admin:test:${createHash('sha256').update(key).digest('hex')}`,
      SECRET_KEYS: 'a-secret-that-signs-links-in-tests-only',
      TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL!,
      TASK_QUEUE: `deploy-${randomUUID()}`,
      WEBHOOK_ENDPOINTS: JSON.stringify({ helpdesk: { url: webhooks.url, secret: webhookSecret } }),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      ...more,
    }
    const store = await openStore({ url: settings.DATABASE_URL })
    const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS })
    const crew = new Crew(dist, settings)
    const url = `http://127.0.0.1:${port}`
    return new Deployment(crew, store, new Client({ connection }), inbox, webhooks, url, folder)
  }

  async close(): Promise<void> {
    await this.store.close()
    await this.inbox.stop()
    await this.webhooks.close()
    await this.temporal.connection.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async call(method: string, target: string, body?: object): Promise<{ status: number; body: any }> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const response = await fetch(this.url + target, { method, headers, body: body && JSON.stringify(body) })
    return { status: response.status, body: await response.json() }
  }

  async identify(customer: string): Promise<void> {
    const traits = { email: `${customer}@example.com`, firstName: customer, timezone: 'Europe/Berlin' }
    await this.accepted('/v1/identify', { userId: customer, traits })
  }

  async act(customer: string, act: Act): Promise<void> {
    if ('move' in act) await this.forward(customer, { by: act.move })
    else await this.track(customer, act.event, act.properties?.(customer))
  }

  async track(customer: string, event: string, properties?: Record<string, unknown>): Promise<void> {
    await this.accepted('/v1/track', { userId: customer, event, properties })
  }

  /** Returns when nothing of the customer's is under way, pending or due; so small a move changes nothing. */
  async quiet(customer: string): Promise<void> {
    await this.forward(customer, { by: '1 second' })
  }

  /** Its touchpoints so far, oldest first: `welcome sent`. */
  async reached(customer: string): Promise<string[]> {
    const { items } = await this.store.touchpoints.ofCustomer(customer, { limit: 200 })
    return items.map(({ step, status }) => `${step} ${status}`).toReversed()
  }

  async outcome(customer: string, journey: string): Promise<unknown> {
    const { items } = await this.store.enrollments.list({ customerId: customer, journey }, { limit: 10 })
    return items.length === 1 ? (items[0]!.outcome ?? items[0]!.status) : items
  }

  /** Stored before it returns; a lost connection is tried again, as a Segment client does. */
  private async accepted(target: string, body: object): Promise<void> {
    const messageId = randomUUID()
    for (;;) {
      const answer = await this.call('POST', target, { ...body, messageId }).catch(() => undefined)
      if (answer?.status === 200) return
      if (answer && answer.status < 500) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
      await sleep(100)
    }
  }
}

export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  atOnce = 12,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}
