import type { Answer, Arrival } from '../channel'
import { signedBy } from '../signed'
import { signedWebhooks, type WebhookSettings } from '../signed-webhooks'

/** What the call centre's software is told; `id` is the same for every attempt, so that it can drop repeats. */
export interface TaskNews {
  readonly id: string
  readonly body: object
}

/** Both ways between the queues and the call centre's software, by one endpoint and its secret. */
export interface TaskWebhook {
  tell(news: TaskNews): Promise<Answer>
  close(): Promise<void>
}

/** Throws with a sentence when there is no such endpoint. */
export function taskWebhook(endpoint: string, settings: WebhookSettings): TaskWebhook {
  secretOf(endpoint, settings)
  const { post, close } = signedWebhooks(settings)
  return { tell: ({ id, body }) => post(endpoint, id, body, 'patient'), close }
}

/** Whether the call centre's software signed this lately: the id, the time and the very bytes, as standardwebhooks.com has it. */
export function signedByEndpoint(
  endpoint: string,
  settings: Pick<WebhookSettings, 'endpoints'>,
): (arrival: Pick<Arrival, 'body' | 'headers'>) => boolean {
  const isSigned = signedBy([secretOf(endpoint, settings)])
  return (arrival) => isSigned({ ...arrival, now: Date.now() })
}

function secretOf(endpoint: string, { endpoints }: Pick<WebhookSettings, 'endpoints'>): string {
  if (!Object.hasOwn(endpoints, endpoint))
    throw new Error(`TASKS_WEBHOOK is ${endpoint}, which WEBHOOK_ENDPOINTS does not have`)
  return endpoints[endpoint]!.secret
}
