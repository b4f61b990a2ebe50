import { CallFailed } from '../../../sdk/testing/virtual-host'
import { type Duration, durationMs } from '../../../sdk/time/duration'
import type { Happening } from './happenings'
import type { Answers, OnwardHost } from './host'

/** A life that is told what came to it. */
export interface Told {
  now: number
  /** Once it has begun. */
  readonly host: OnwardHost | undefined
  readonly answers: Answers
  reads(traits: unknown): void
}

export function tell(life: Told, happening: Happening): void {
  const enrollment = life.host?.attached
  switch (happening.is) {
    case 'time':
      return void (life.now = happening.now)
    case 'event':
      return enrollment?.hear(happening.event)
    case 'profile':
      return enrollment?.learn(happening.change)
    case 'rules':
      return enrollment?.rulesChange()
    case 'order':
      return obey(life, happening)
    case 'rang':
      return life.host?.ringAt(happening.at)
    case 'answered':
      if (happening.at.startsWith('readProfile ')) life.reads(happening.value)
      return life.answers.answer(happening.at, happening.value)
    case 'failed':
      return life.answers.fail(happening.at, new CallFailed(happening.because))
  }
}

/** As workflows/enrollment/operations.ts does; what ends a run, moves and exits, has no life after it. */
function obey(
  { host }: Told,
  { name, order: { step, duration } }: Extract<Happening, { is: 'order' }>,
): void {
  const enrollment = host?.attached
  if (!enrollment) return
  if (name === 'pause' || name === 'resume') enrollment.paused = name === 'pause'
  if (name === 'skip') enrollment.waits.skip(step)
  if (name === 'extend') enrollment.waits.extend(durationMs(duration as Duration), step)
}
