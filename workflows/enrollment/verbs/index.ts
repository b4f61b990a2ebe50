import type { Journey } from '../../../sdk/journey'
import type { Enrollment } from '../enrollment'
import { call } from './call'
import { decide } from './decide'
import { continueAs, enroll } from './enroll'
import { parallel } from './parallel'
import { profile, set } from './profile'
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
  split,
  decide,
  task,
  parallel,
  call,
  enroll,
  continueAs,
}

export type Verb = (enrollment: Enrollment, branch: Branch) => unknown

/** The `journey` a body is given. */
export function verbsOf(enrollment: Enrollment, branch: Branch = enrollment): Journey<unknown, never> {
  const { customerId, trigger, key } = enrollment.input
  const bound = Object.entries(verbs).map(([name, verb]) => [name, (verb as Verb)(enrollment, branch)])
  return {
    customer: { id: customerId },
    trigger,
    key,
    now: () => enrollment.now(),
    ...Object.fromEntries(bound),
  } as Journey<unknown, never>
}
