import type { Journey } from '../../../sdk/journey'
import type { Enrollment } from '../enrollment'
import { call } from './call'
import { decide } from './decide'
import { continueAs, enroll } from './enroll'
import { parallel } from './parallel'
import { profile, set } from './profile'
import { revised, revision } from './revision'
import { send } from './send'
import { sleep } from './sleep'
import { sleepUntil } from './sleep-until'
import { split } from './split'
import { task } from './task'
import { waitFor } from './wait-for'

/** Where a body, or one branch of it, has listened up to. */
export interface Branch {
  cursor: number
}

// One line a verb: its file holds the rest, its type stands in sdk/journey.ts.
const verbs = {
  send,
  waitFor,
  profile,
  set,
  sleep,
  sleepUntil,
  decide,
  task,
  parallel,
  call,
  enroll,
  continueAs,
}

/** These answer at once, paused or not. */
const answers = { split, revision, revised }

/** The `journey` a body is given. */
export function verbsOf(enrollment: Enrollment, branch: Branch = enrollment): Journey<unknown, never> {
  const { customerId, trigger, key } = enrollment.input
  const begun = bound(verbs, enrollment, branch).map(
    ([name, verb]) => [name, begins(verb, enrollment)] as const,
  )
  const named = [...begun, ...bound(answers, enrollment, branch)]
  return {
    customer: { id: customerId },
    trigger,
    key,
    now: () => enrollment.now(),
    ...Object.fromEntries(named.map(([name, verb]) => [name, passing(verb, enrollment)])),
  } as Journey<unknown, never>
}

type Verb = (enrollment: Enrollment, branch: Branch) => Bound
type Bound = (step: string, ...given: readonly unknown[]) => unknown

const bound = (of: object, enrollment: Enrollment, branch: Branch): (readonly [string, Bound])[] =>
  Object.entries(of).map(([name, verb]) => [name, (verb as Verb)(enrollment, branch)])

/** No verb begins once the stage is left, or while paused. Looked at at once: the SDK keeps a stack trace for each promise. */
const begins =
  (verb: Bound, enrollment: Enrollment): Bound =>
  (...given) => {
    enrollment.throwIfLeft()
    return enrollment.paused ? enrollment.resumed().then(() => verb(...given)) : verb(...given)
  }

/** The verb, whose very promise is given on: a tick more would be another history. */
const passing =
  (verb: Bound, { host }: Enrollment): Bound =>
  (step, ...given) =>
    host.pass(step, () => verb(step, ...given))
