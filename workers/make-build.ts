import path from 'node:path'
import { bundleWorkflowCode } from '@temporalio/worker'
import type { Logger } from '../logger'
import type { Build } from './bundle'
import { outlineJourneys } from './outline'
import { temporalLogger } from './runtime'

const ours = path.join(__dirname, '..', 'workflows')

/** Bundles the journeys and reads their outline, from source; about 4 s. */
export async function makeBuild(logger: Logger, workflowsPath = ours): Promise<Build> {
  const manifest = outlineJourneys(workflowsPath)
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: temporalLogger(logger) })
  return { workflowBundle, manifest }
}
