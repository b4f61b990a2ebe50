import { deploymentName } from '../sdk/worker-deployment'
import type { TemporalConnections } from './connection'

const [notFound, denied, unimplemented] = [5, 7, 12]

/**
 * Resolves where the server keeps enrollments on their builds. Rejects with an Error whose sentence says what to do where it has
 * no Worker Versioning, or where that is turned off (`system.enableDeploymentVersions`): the SDK's worker (1.24) would say
 * nothing there, and wait for ever.
 */
export async function needVersioning(
  { client, namespace }: Pick<TemporalConnections, 'client' | 'namespace'>,
  taskQueue: string,
): Promise<void> {
  try {
    const asked = { namespace, deploymentName: deploymentName(taskQueue) }
    await client.workflowService.describeWorkerDeployment(asked)
  } catch (error) {
    const { code, details } = error as { code?: number; details?: string }
    if (code === notFound) return
    if (code !== denied && code !== unimplemented) throw error
    throw new Error(
      `WORKER_VERSIONING is on, and Temporal does not allow it in the namespace ${namespace} (${details?.replace(/\.$/, '')}). ` +
        'Leave it out, for workers, dispatchers and APIs alike: every worker then takes every enrollment; or turn it on at the server.',
    )
  }
}

const TRIES = 60
const PAUSE_MS = 500

/** Rolls out the build of a worker that has just begun: the server knows of it a moment later. Rejects as the last try did. */
export async function rollOutOwn(roll: () => Promise<void>, tries = TRIES): Promise<void> {
  try {
    await roll()
  } catch (error) {
    if (tries <= 1) throw error
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    await rollOutOwn(roll, tries - 1)
  }
}
