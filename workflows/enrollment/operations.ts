import {
  ApplicationFailure,
  currentUpdateInfo,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import type { UpdateDefinition } from '@temporalio/common'
import { type Duration, durationMs } from '../../sdk/time/duration'
import { durably } from './activities'
import { showDetails } from './details'
import type { Enrollment } from './enrollment'
import * as protocol from './protocol'

/** Lets operators change the enrollment: each command is validated, recorded with its author, and done once per update id. */
export function obey(enrollment: Enrollment, stages: readonly string[]): void {
  const command = commandsOf(enrollment)
  command(protocol.pauseUpdate, {
    refuse: () => (enrollment.paused ? 'it is paused already' : undefined),
    words: () => 'paused',
    apply: () => setPaused(enrollment, true),
  })
  command(protocol.resumeUpdate, {
    refuse: () => (enrollment.paused ? undefined : 'it is not paused'),
    words: () => 'resumed',
    apply: (order) => resume(enrollment, order.spreadMs ?? 0),
  })
  command(protocol.skipUpdate, {
    refuse: ({ step }) => (enrollment.waits.canSkip(step) ? undefined : `it is not waiting${at(step)}`),
    words: ({ step }) => `skipped${at(step)}`,
    apply: ({ step }) => void enrollment.waits.skip(step),
  })
  command(protocol.extendUpdate, {
    refuse: (order) => refuseExtend(enrollment, order),
    words: ({ step, duration }) => `extended by ${duration}${at(step)}`,
    apply: ({ step, duration }) => void enrollment.waits.extend(durationMs(duration), step),
  })
  command(protocol.moveUpdate, {
    refuse: (order) => refuseMove(enrollment, order, stages),
    words: ({ stage }) => `moved to stage ${stage}`,
    apply: ({ stage }) => enrollment.leave({ to: 'stage', stage }),
  })
  command(protocol.exitUpdate, {
    refuse: () => undefined,
    words: () => 'taken out',
    apply: ({ by, reason }) =>
      enrollment.leave({ to: 'end', outcome: { is: 'exited', because: reason ?? `taken out by ${by}` } }),
  })
}

interface Command<Given extends protocol.Order> {
  /** Why not, or undefined. */
  readonly refuse: (order: Given) => string | undefined
  readonly words: (order: Given) => string
  readonly apply: (order: Given) => void | Promise<void>
}

const commandsOf =
  (enrollment: Enrollment) =>
  <Given extends protocol.Order>(
    definition: UpdateDefinition<protocol.EnrollmentStatus, [Given], string>,
    command: Command<Given>,
  ): void => {
    const repeated = (): boolean => enrollment.updates.has(currentUpdateInfo()?.id ?? '')
    const run = async (order: Given): Promise<protocol.EnrollmentStatus> => {
      if (repeated()) return enrollment.status()
      enrollment.updates.add(currentUpdateInfo()?.id ?? '')
      enrollment.note(
        'operation',
        `${command.words(order)} by ${order.by}${order.reason ? `: ${order.reason}` : ''}`,
      )
      await command.apply(order)
      showDetails(enrollment)
      return enrollment.status()
    }
    const validator = (order: Given): void => {
      if (repeated()) return
      const why = refusal(enrollment, order) ?? command.refuse(order)
      if (why) throw ApplicationFailure.nonRetryable(`Refused: ${why}`, 'not-acceptable-now')
    }
    setHandler(definition, run, { validator })
  }

function refusal(enrollment: Enrollment, order: protocol.Order): string | undefined {
  if (enrollment.next) return enrollment.outcome() ? 'it has ended' : 'it is changing stage'
  return typeof order?.by === 'string' && order.by !== ''
    ? undefined
    : 'the order does not say who gives it (by)'
}

async function setPaused(enrollment: Enrollment, paused: boolean): Promise<void> {
  enrollment.paused = paused
  const status = paused ? 'paused' : 'running'
  upsertSearchAttributes([{ key: protocol.statusAttribute, value: status }])
  await durably('recordStatus', status, enrollment.id, enrollment.input.entry, status)
}

function resume(enrollment: Enrollment, spreadMs: number): Promise<void> {
  enrollment.spreadUntil = enrollment.now() + Math.floor(enrollment.share() * spreadMs)
  return setPaused(enrollment, false)
}

function refuseExtend(
  enrollment: Enrollment,
  order: { step?: string; duration: Duration },
): string | undefined {
  try {
    durationMs(order.duration)
  } catch (error) {
    return (error as Error).message
  }
  return enrollment.waits.canExtend(order.step) ? undefined : `no wait${at(order.step)} has an end to move`
}

function refuseMove(
  enrollment: Enrollment,
  { stage, from, entry }: protocol.MoveOrder,
  stages: readonly string[],
): string | undefined {
  if (from !== undefined && from !== enrollment.stage) return `it is in stage ${enrollment.stage} by now`
  if (entry !== undefined && entry !== enrollment.input.entry) return 'it ended, and another began'
  if (stages.length === 1) return 'this journey has no stages to move between'
  return stages.includes(stage)
    ? undefined
    : `there is no stage "${stage}"; its stages are ${stages.join(', ')}`
}

const at = (step: string | undefined): string => (step === undefined ? '' : ` at ${step}`)
