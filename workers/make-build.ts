import path from 'node:path'
import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker'
import type { Logger } from '../logger'
import type { Build } from './bundle'
import { outlineJourneys } from './outline'
import { temporalLogger } from './runtime'

const ours = path.join(__dirname, '..', 'workflows')

/** Belongs to every bundle of journeys. */
const onTime = require.resolve('../workflows/enrollment/on-time')

type Configured = NonNullable<BundleOptions['webpackConfigHook']>

// Every workflow in a worker's memory evaluates the bundle anew. In one scope its modules need no object of exports each,
// and what no journey uses is left out: a quarter less of JavaScript's heap for a sleeping enrollment.
const inOneScope: Configured = (config) => ({
  ...config,
  optimization: {
    ...config.optimization,
    concatenateModules: true,
    providedExports: true,
    sideEffects: true,
    usedExports: true,
  },
})

/** Bundles the journeys and reads their outline, from source; about 4 s. `observers`: modules that watch what they do. */
export async function makeBuild(
  logger: Logger,
  workflowsPath = ours,
  observers: string[] = [],
): Promise<Build> {
  const manifest = outlineJourneys(workflowsPath)
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [onTime, ...observers],
    logger: temporalLogger(logger),
    webpackConfigHook: inOneScope,
  })
  return { workflowBundle: { code }, manifest }
}
