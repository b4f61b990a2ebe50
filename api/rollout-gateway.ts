import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { temporal } from '@temporalio/proto'
import { Problem } from '../sdk/problem'
import { away, grpcOf, quoted, reasonOf, tokenIn, within } from './temporal-gateway'

/** What the API asks of Temporal where builds are rolled out one by one. Throws `temporal-unavailable`, and `not-versioned` where no versioned worker has ever been. */
export interface RolloutGateway {
  builds(): Promise<RolledOut>
  /** Enrollments whose stage is pinned to a build, at a step or anywhere. */
  count(build: string, at?: { readonly journey: string; readonly step: string }): Promise<number>
  list(build: string, journey: string | undefined, limit: number, cursor?: string): Promise<Pinned>
  /** So many of a hundred begin a stage on the build; with 100 it is the current one. Throws `not-acceptable-now`. */
  roll(build: string, percent: number, by: string): Promise<void>
  /** Puts a stage that has begun on another build onto this one. */
  upgrade(id: string, build: string): Promise<Upgraded>
}

export interface RolledOut {
  /** Null: workers that are not versioned. */
  readonly current: string | null
  readonly ramping: { readonly build: string; readonly percent: number } | null
  readonly builds: readonly { readonly build: string; readonly state: BuildState }[]
}

/** `draining`: stages begun on it go on; `drained`: none is left, as far as Temporal has looked. */
export type BuildState = 'inactive' | 'ramping' | 'current' | 'draining' | 'drained'

export interface Pinned {
  readonly items: readonly { readonly id: string; readonly journey: string; readonly step: string | null }[]
  readonly next: string | null
}

export type Upgraded =
  | { readonly is: 'done' }
  /** The build can't go on with what it has done so far; it stays where it was. */
  | { readonly is: 'refused'; readonly because: string }
  | { readonly is: 'gone' }

const callMs = 10_000
const upgradeMs = 10_000
const pollMs = 50

/** The gateway over Temporal's own client, for the workers of one task queue. */
export function rolloutGateway(client: Client, deploymentName: string): RolloutGateway {
  const { namespace } = client.options
  const { workflowService } = client
  const ask = <Value>(call: () => Promise<Value>): Promise<Value> =>
    within(client, callMs, call).catch(refused)
  const pinnedTo = (build: string): string =>
    `TemporalWorkerDeploymentVersion = ${quoted(`${deploymentName}:${build}`)} AND ExecutionStatus = 'Running'`
  return {
    builds: () =>
      ask(async () =>
        rolledOut(
          (await workflowService.describeWorkerDeployment({ namespace, deploymentName }))
            .workerDeploymentInfo ?? {},
        ),
      ),
    count: (build, at) =>
      ask(
        async () =>
          (await client.workflow.count([pinnedTo(build), ...(at ? standing(at) : [])].join(' AND '))).count,
      ),
    list: (build, journey, pageSize, cursor) =>
      ask(async () => {
        const query = [pinnedTo(build), ...(journey === undefined ? [] : [ofJourney(journey)])].join(' AND ')
        const nextPageToken = cursor === undefined ? undefined : tokenIn(cursor)
        return pinnedIn(
          await workflowService.listWorkflowExecutions({ namespace, query, pageSize, nextPageToken }),
        )
      }),
    roll: (buildId, percentage, identity) =>
      ask(async () => {
        const asked = { namespace, deploymentName, buildId, identity }
        if (percentage === 100) await workflowService.setWorkerDeploymentCurrentVersion(asked)
        else
          await workflowService.setWorkerDeploymentRampingVersion(
            percentage === 0 ? { ...asked, buildId: '' } : { ...asked, percentage },
          )
      }),
    upgrade: (id, build) => upgrade(client, id, { deploymentName, buildId: build }),
  }
}

const ofJourney = (journey: string): string => `SojournJourney = ${quoted(journey)}`
const standing = ({ journey, step }: { journey: string; step: string }): string[] => [
  ofJourney(journey),
  `SojournStep = ${quoted(step)}`,
]

// Where an operator has turned versioning off, the server denies it.
const [invalid, unknown, denied, precondition, unimplemented] = [3, 5, 7, 9, 12]

function refused(error: unknown): never {
  const code = grpcOf(error)?.code as number | undefined
  if (code === unknown || code === denied || code === unimplemented)
    throw new Problem('not-versioned', `Temporal: ${reasonOf(error)}`)
  if (code === precondition || code === invalid)
    throw new Problem('not-acceptable-now', `Temporal: ${reasonOf(error)}`)
  return away(error)
}

type Info = temporal.api.deployment.v1.IWorkerDeploymentInfo

function rolledOut({ routingConfig, versionSummaries }: Info): RolledOut {
  const ramping = routingConfig?.rampingDeploymentVersion?.buildId
  const percent = routingConfig?.rampingVersionPercentage ?? 0
  return {
    current: routingConfig?.currentDeploymentVersion?.buildId ?? null,
    ramping: ramping ? { build: ramping, percent } : null,
    builds: (versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
      build: deploymentVersion?.buildId ?? '',
      state: stateOf(status),
    })),
  }
}

const { WorkerDeploymentVersionStatus: statuses } = temporal.api.enums.v1

// Both the number and the name of a status come over the wire.
function stateOf(status: unknown): BuildState {
  const name = typeof status === 'number' ? statuses[status] : String(status)
  const state = name?.replace('WORKER_DEPLOYMENT_VERSION_STATUS_', '').toLowerCase()
  return (['ramping', 'current', 'draining', 'drained'] as const).find((each) => each === state) ?? 'inactive'
}

type Listed = temporal.api.workflowservice.v1.IListWorkflowExecutionsResponse

const pinnedIn = ({ executions, nextPageToken }: Listed): Pinned => ({
  items: (executions ?? []).map(({ execution, type, searchAttributes }) => ({
    id: execution?.workflowId ?? '',
    journey: type?.name ?? '',
    step: textIn(searchAttributes?.indexedFields?.['SojournStep']),
  })),
  next: nextPageToken?.length ? Buffer.from(nextPageToken).toString('base64url') : null,
})

function textIn(payload: temporal.api.common.v1.IPayload | undefined): string | null {
  const value = payload ? (JSON.parse(Buffer.from(payload.data ?? []).toString()) as unknown) : null
  return value === null ? null : String(Array.isArray(value) ? value[0] : value)
}

type Version = temporal.api.deployment.v1.IWorkerDeploymentVersion

/**
 * The next task is for this build alone, and once it is done the stage is pinned to it. Where the build fails the task, or has no
 * worker, all stays as it was.
 */
async function upgrade(client: Client, id: string, target: Version): Promise<Upgraded> {
  try {
    await within(client, callMs, () => override(client, id, { oneTime: { targetDeploymentVersion: target } }))
    await within(client, callMs, () => client.workflow.getHandle(id).signal('wake'))
    const failed = await takenOver(client, id, target)
    if (failed === undefined) return { is: 'done' }
    await within(client, callMs, () => override(client, id, undefined))
    return { is: 'refused', because: failed }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || grpcOf(error)?.code === unknown) return { is: 'gone' }
    return refused(error)
  }
}

const override = (
  client: Client,
  workflowId: string,
  versioningOverride: temporal.api.workflow.v1.IVersioningOverride | undefined,
): Promise<unknown> =>
  client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    updateMask: { paths: ['versioning_override'] },
    workflowExecutionOptions: { versioningOverride },
  })

/** Undefined once a worker of the build has done a task; else why none did. */
async function takenOver(client: Client, id: string, { buildId }: Version): Promise<string | undefined> {
  const deadline = Date.now() + upgradeMs
  for (;;) {
    const { raw } = await within(client, callMs, () => client.workflow.getHandle(id).describe())
    if (raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId === buildId) return undefined
    if ((raw.pendingWorkflowTask?.attempt ?? 1) > 1) return 'the build cannot go on with its history'
    if (Date.now() > deadline) return 'no worker of the build took it in time'
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
