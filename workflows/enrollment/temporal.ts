import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  deprecatePatch,
  isCancellation,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { EnrollmentInput } from '../../sdk/enrollment'
import { pick } from '../../sdk/hash'
import type { Host } from '../../sdk/host'
import type { Outcome } from '../../sdk/outcome'
import { deliver, durably } from './activities'
import type { Enrollment } from './enrollment'
import { obey } from './operations'
import * as protocol from './protocol'
import { begin, StageScope } from './stage-scope'

/** Temporal, as the host of the enrollment whose workflow this is. */
export function temporal(): Host {
  const { workflowId, workflowType } = workflowInfo()
  return {
    id: workflowId,
    journey: workflowType,
    // eslint-disable-next-line no-restricted-properties -- where the engine reads the workflow's clock
    now: () => Date.now(),
    until: (met) => begin(() => condition(met)),
    within: (met, ms, { verb, step }) => begin(() => condition(met, ms, { summary: `${verb}: ${step}` })),
    scope: () => new StageScope(),
    uncancelled: (run) => CancellationScope.nonCancellable(run),
    deliver: (touchpoint, whenBusy) => begin(() => deliver(touchpoint, whenBusy)),
    durably: (name, summary, ...args) => begin(() => durably(name, summary, ...args)),
    call: (activity, summary, input) =>
      begin(() => own[activity]!.executeWithOptions({ ...ownOptions, summary }, [input])),
    whyFailed,
    arm: (_step, shares, at) => pick(shares, at),
    revision: (id) => patched(id),
    revised: (id) => deprecatePatch(id),
    show: (words) => setCurrentDetails(words()),
    showStep,
    noted: () => {},
    pass: (_step, run) => run(),
    attach,
    quiet: () => condition(allHandlersFinished),
    goOn: (input) => nextRun(workflowType, input),
  }
}

const ownOptions = {
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: '10 minutes' },
} as const

const own = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>(ownOptions)

function whyFailed(error: unknown): string | undefined {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) return undefined
  return error.cause?.message ?? error.message
}

function showStep(step: string): void {
  if (workflowInfo().typedSearchAttributes.get(protocol.stepAttribute) === step) return
  upsertSearchAttributes([{ key: protocol.stepAttribute, value: step }])
}

function attach(enrollment: Enrollment, stages: readonly string[]): void {
  setHandler(protocol.eventSignal, (event) => enrollment.hear(event))
  setHandler(protocol.profileChangedSignal, (change) => enrollment.learn(change))
  setHandler(protocol.contactRulesChangedSignal, () => enrollment.rulesChange())
  setHandler(protocol.wakeSignal, () => undefined)
  setHandler(protocol.statusQuery, () => enrollment.status())
  setHandler(protocol.timelineQuery, () => [...enrollment.timeline.all()])
  obey(enrollment, stages)
}

/** Where builds are pinned, the next stage begins on the build that is rolled out by then. */
function nextRun(workflowType: string, input: EnrollmentInput): Promise<never> {
  const isPinned = workflowInfo().currentDeploymentVersion !== undefined
  const options = { workflowType, ...(isPinned && { initialVersioningBehavior: 'AUTO_UPGRADE' as const }) }
  return makeContinueAsNewFunc<(input: EnrollmentInput) => Promise<Outcome>>(options)(input)
}
