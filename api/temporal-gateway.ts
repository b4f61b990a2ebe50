import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client'
import { askedTooSoon } from '../sdk/enrollment'
import { Problem } from '../sdk/problem'
import { wrongCursor } from './page'
import type { EnrollmentStatus, TimelineEntry } from '../workflows/enrollment/protocol'

export type { EnrollmentStatus, TimelineEntry }
export type UpdateName = 'pause' | 'resume' | 'skip' | 'exit' | 'extend' | 'move'

/** What the API asks of Temporal. Every method throws the problem `temporal-unavailable` when it cannot answer in time. */
export interface TemporalGateway {
  /** The running or closed workflow's own word; undefined when there is no such workflow. */
  status(id: string): Promise<EnrollmentStatus | undefined>
  timeline(id: string): Promise<readonly TimelineEntry[]>
  /** Done once for an updateId, however often it is called. */
  update(id: string, name: UpdateName, input: object, updateId: string): Promise<Updated>
  /** How many enrollments wait at each step. */
  countByStep(journey: string, steps: readonly string[]): Promise<Readonly<Record<string, number>>>
  /** Workflow ids waiting at a step, of one journey or all. */
  listByStep(
    step: string,
    journey: string | undefined,
    limit: number,
    cursor?: string,
  ): Promise<{ ids: string[]; next: string | null }>
  /** The steps at which these workflows wait; those unknown are left out. */
  stepsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>
  ping(): Promise<void>
}

export type Updated =
  | { readonly is: 'done'; readonly status: EnrollmentStatus }
  | { readonly is: 'refused'; readonly because: string }
  /** No such workflow runs. */
  | { readonly is: 'gone' }

const queryMs = 5_000
const updateMs = 10_000
const pingMs = 2_000
/** An update may cross a continue-as-new and fail; the same updateId makes repeating it safe. */
const attempts = 7

/** The gateway over Temporal's own client. */
export function temporalGateway(client: Client): TemporalGateway {
  const ask = <Value>(id: string, query: string) =>
    persistently(() => within(client, queryMs, () => client.workflow.getHandle(id).query<Value>(query)))
  return {
    status: (id) => ask<EnrollmentStatus>(id, 'status').catch(unlessGone(undefined)).catch(away),
    timeline: (id) => ask<TimelineEntry[]>(id, 'timeline').catch(unlessGone([])).catch(away),
    update: (id, name, input, updateId) => update(client, id, name, input, updateId),
    countByStep: (journey, steps) =>
      within(client, queryMs, () => countByStep(client, journey, steps)).catch(away),
    listByStep: (step, journey, limit, cursor) =>
      within(client, queryMs, () => listByStep(client, step, journey, limit, cursor)).catch(away),
    stepsOf: (ids) => within(client, queryMs, () => stepsOf(client, ids)).catch(away),
    ping: () => within(client, pingMs, () => ping(client)).catch(away),
  }
}

export const within = <Value>(client: Client, ms: number, call: () => Promise<Value>): Promise<Value> =>
  client.connection.withDeadline(Date.now() + ms, call)

const unlessGone =
  <Value>(instead: Value) =>
  (error: unknown): Value => {
    if (error instanceof WorkflowNotFoundError) return instead
    throw error
  }

export function away(error: unknown): never {
  throw error instanceof Problem ? error : new Problem('temporal-unavailable', `Temporal: ${reasonOf(error)}`)
}

/** What the server said; undefined where it did not answer. */
export const grpcOf = (error: unknown): { readonly code: number; readonly details: string } | undefined =>
  [error, (error as { cause?: unknown } | undefined)?.cause].find(isGrpcServiceError)

export const reasonOf = (error: unknown): string => grpcOf(error)?.details || (error as Error).message

async function update(
  client: Client,
  id: string,
  name: UpdateName,
  input: object,
  updateId: string,
): Promise<Updated> {
  const run = () =>
    client.workflow.getHandle(id).executeUpdate<EnrollmentStatus, [object]>(name, { args: [input], updateId })
  try {
    return { is: 'done', status: await persistently(() => within(client, updateMs, run)) }
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      return { is: 'refused', because: error.cause?.message ?? error.message }
    return error instanceof WorkflowNotFoundError ? { is: 'gone' } : away(error)
  }
}

/** Repeats a call that met a workflow between two runs, or a server that was briefly away. The call must bear repeating. */
export async function persistently<Value>(call: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (!isPassing(error) || attempt === attempts) throw error
      await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** attempt))
    }
  }
}

const failedPrecondition = 9
const aborted = 10
const unavailable = 14

function isPassing(error: unknown): boolean {
  if (error instanceof QueryNotRegisteredError) return error.message === askedTooSoon
  return [failedPrecondition, aborted, unavailable].includes(grpcOf(error)?.code ?? -1)
}

async function countByStep(
  client: Client,
  journey: string,
  steps: readonly string[],
): Promise<Record<string, number>> {
  const counts = await Promise.all(
    steps.map((step) => client.workflow.count(`SojournJourney = ${quoted(journey)} AND ${waitingAt(step)}`)),
  )
  return Object.fromEntries(steps.map((step, index) => [step, counts[index]!.count]))
}

async function listByStep(
  client: Client,
  step: string,
  journey: string | undefined,
  pageSize: number,
  cursor?: string,
) {
  const page = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: [...(journey === undefined ? [] : [`SojournJourney = ${quoted(journey)}`]), waitingAt(step)].join(
      ' AND ',
    ),
    pageSize,
    nextPageToken: cursor === undefined ? undefined : tokenIn(cursor),
  })
  const ids = (page.executions ?? []).map(({ execution }) => execution?.workflowId ?? '')
  return {
    ids,
    next: page.nextPageToken?.length ? Buffer.from(page.nextPageToken).toString('base64url') : null,
  }
}

/** The server's page tokens are JSON objects; it retries for seconds over anything else before it gives up. */
export function tokenIn(cursor: string): Buffer {
  const token = Buffer.from(cursor, 'base64url')
  try {
    if (token.toString().startsWith('{') && JSON.parse(token.toString())) return token
  } catch {
    // No JSON at all.
  }
  throw wrongCursor()
}

async function stepsOf(client: Client, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let from = 0; from < ids.length; from += 50) {
    const some = ids
      .slice(from, from + 50)
      .map(quoted)
      .join(', ')
    for await (const workflow of client.workflow.list({
      query: `WorkflowId IN (${some}) AND ExecutionStatus = 'Running'`,
    })) {
      const [step] = (workflow.searchAttributes?.SojournStep ?? []) as string[]
      if (step !== undefined) found.set(workflow.workflowId, step)
    }
  }
  return found
}

const waitingAt = (step: string) => `SojournStep = ${quoted(step)} AND ExecutionStatus = 'Running'`

export const quoted = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

async function ping(client: Client): Promise<void> {
  await client.workflowService.getSystemInfo({})
  await client.workflowService.describeNamespace({ namespace: client.options.namespace })
}
