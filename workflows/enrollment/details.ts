import type { Outcome } from '../../sdk/outcome'
import { formatLocal } from '../../sdk/time/local'
import type { Enrollment } from './enrollment'
import type { TimelineEntry } from '../../sdk/enrollment'

const TOUCHPOINTS_SHOWN = 5

/** Puts what an operator wants to know first into the Temporal UI: costs nothing in history. */
export function showDetails(enrollment: Enrollment): void {
  enrollment.host.show(() =>
    [headline(enrollment), ...about(enrollment), ...touchpoints(enrollment)].join('\n'),
  )
}

function headline(enrollment: Enrollment): string {
  const outcome = enrollment.outcome()
  if (outcome) return `**Ended: ${outcomeWords(outcome)}**\n`
  const paused = enrollment.paused ? 'paused; ' : ''
  const waits = enrollment.waits.spoken().map(({ words, until }) => words + ending(enrollment, until))
  const sends = [...enrollment.sending].map((step) => `sending ${spaced(step)}, again and again`)
  return `**${sentence(paused + ([...waits, ...sends].join('; ') || 'running'))}**\n`
}

const ending = (enrollment: Enrollment, until: number | undefined): string =>
  until === undefined ? '' : ` until ${formatLocal(until, enrollment.zone(), enrollment.now())}`

/** An outcome as people say it. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.is) {
    case 'converted':
      return `converted by ${outcome.event}`
    case 'held out':
      return `held out, ${outcome.converted ? 'converted anyway' : 'not converted'}`
    case 'completed':
      return outcome.because ? `completed, ${outcome.because}` : 'completed'
    default:
      return `${outcome.is}, ${outcome.because}`
  }
}

function about(enrollment: Enrollment): string[] {
  const stage = enrollment.stage === 'body' ? [] : [`- stage: ${enrollment.stage}`]
  const heldOut = enrollment.heldOut ? ['- held out: nothing is sent, the goal is counted'] : []
  return [
    ...stage,
    ...heldOut,
    `- entered: ${local(enrollment, enrollment.startedAt)}, by ${enrollment.input.trigger.name}`,
    '',
  ]
}

// A list, not a table: the UI draws tables without any room between their columns.
function touchpoints(enrollment: Enrollment): string[] {
  const latest = enrollment.timeline
    .all()
    .filter((entry) => entry.what === 'touchpoint')
    .slice(-TOUCHPOINTS_SHOWN)
    .reverse()
  if (latest.length === 0) return ['No touchpoints yet.']
  return ['Last touchpoints:', '', ...latest.map((entry) => line(enrollment, entry))]
}

const line = (enrollment: Enrollment, { at, step = '', words }: TimelineEntry): string =>
  `- ${local(enrollment, Date.parse(at))}: ${spaced(step)}, ${words}`

/** A step's id as words. */
export const spaced = (step: string): string => step.replaceAll('-', ' ')

const local = (enrollment: Enrollment, at: number): string =>
  formatLocal(at, enrollment.zone(), enrollment.now())

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
