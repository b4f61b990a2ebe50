import { Connection } from '@temporalio/client'
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time'
import { temporal } from '@temporalio/proto'
import { waitUntil } from './waiting'

const RETENTION_MS = 30 * 24 * 3600 * 1_000
const USABLE_WITHIN_MS = 30_000
const GRPC_INVALID_ARGUMENT = 3
const GRPC_NOT_FOUND = 5
const GRPC_ALREADY_EXISTS = 6
const GRPC_PERMISSION_DENIED = 7
const GRPC_UNIMPLEMENTED = 12

/** The Keyword search attributes that every enrollment carries. */
export const SEARCH_ATTRIBUTES = [
  'SojournJourney',
  'SojournStep',
  'SojournStatus',
  'SojournCustomer',
] as const

/**
 * Creates the namespace where it is missing (closed workflows kept 30 days) and returns when it is usable.
 * Throws an Error of one sentence when it doesn't become usable within 30 s.
 */
export async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  const workflowExecutionRetentionPeriod = msToTs(RETENTION_MS)
  if (!(await namespaceExists(connection, namespace))) {
    await connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod })
      .catch(ignore(GRPC_ALREADY_EXISTS))
  }
  const usable = await waitUntil(() => isUsable(connection, namespace), USABLE_WITHIN_MS)
  if (!usable) throw new Error(`the namespace ${namespace} can't be used after 30 s`)
}

/**
 * Registers the search attributes of enrollments (Keyword) where they are missing and returns when queries and
 * starts may name them. A server that lets nobody list or add them over its API, as Temporal Cloud, must have them.
 * Throws an Error of one sentence when one has another type or they don't become usable.
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const mayAdd = await addMissing(connection, namespace).then(() => true, unlessForbidden)
  const usable = await waitUntil(() => areQueryable(connection, namespace), mayAdd ? USABLE_WITHIN_MS : 0)
  if (usable) return
  const names = SEARCH_ATTRIBUTES.join(', ')
  throw new Error(
    mayAdd
      ? `the search attributes of namespace ${namespace} can't be used after 30 s`
      : `namespace ${namespace} lacks search attributes and they may not be made from here: make ${names}, each a Keyword`,
  )
}

async function addMissing(connection: Connection, namespace: string): Promise<void> {
  const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const other = SEARCH_ATTRIBUTES.find((name) => (customAttributes[name] ?? keyword) !== keyword)
  if (other)
    throw new Error(`the search attribute ${other} of namespace ${namespace} exists, but not as a Keyword`)
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in customAttributes))
  if (missing.length === 0) return
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, keyword]))
  await connection.operatorService
    .addSearchAttributes({ namespace, searchAttributes })
    .catch(ignore(GRPC_ALREADY_EXISTS))
}

/** Lengthens the time that closed workflows are kept to 30 days; for a development server of our own. */
export async function lengthenRetention(connection: Connection, namespace: string): Promise<void> {
  const { config } = await connection.workflowService.describeNamespace({ namespace })
  if ((optionalTsToMs(config?.workflowExecutionRetentionTtl) ?? 0) >= RETENTION_MS) return
  const workflowExecutionRetentionTtl = msToTs(RETENTION_MS)
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } })
}

/** True when the server lets a workflow's clock be moved in this namespace. */
export async function allowsTimeSkipping(connection: Connection, namespace: string): Promise<boolean> {
  try {
    // Without a fast-forward's id this is refused, but with another code where the feature is off or unknown.
    await connection.workflowService.pollWorkflowExecutionTimeSkipping({
      namespace,
      workflowExecution: { workflowId: 'time-skipping-probe' },
    })
    return true
  } catch (error) {
    return codeOf(error) === GRPC_INVALID_ARGUMENT
  }
}

async function namespaceExists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace })
    return true
  } catch (error) {
    if (codeOf(error) === GRPC_NOT_FOUND) return false
    throw error
  }
}

/** Asks the frontend and, behind it, the part that keeps workflows: both must know the namespace. */
async function isUsable(connection: Connection, namespace: string): Promise<boolean> {
  await connection.workflowService.countWorkflowExecutions({ namespace })
  try {
    const execution = { workflowId: 'probe' }
    await connection.workflowService.describeWorkflowExecution({ namespace, execution })
    return true
  } catch (error) {
    return codeOf(error) === GRPC_NOT_FOUND && !/namespace/i.test((error as Error).message)
  }
}

async function areQueryable(connection: Connection, namespace: string): Promise<boolean> {
  const query = SEARCH_ATTRIBUTES.map((name) => `${name} = ""`).join(' AND ')
  await connection.workflowService.countWorkflowExecutions({ namespace, query })
  return true
}

const codeOf = (error: unknown): number | undefined => (error as { code?: number }).code

/** A rejection handler that lets one gRPC code pass. */
const ignore = (code: number) => (error: unknown) => {
  if (codeOf(error) !== code) throw error
}

function unlessForbidden(error: unknown): false {
  if (![GRPC_PERMISSION_DENIED, GRPC_UNIMPLEMENTED].includes(codeOf(error) ?? 0)) throw error
  return false
}
