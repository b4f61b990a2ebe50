import type { WaitView } from '../../sdk/enrollment'
import type { Expecting } from '../../sdk/host'
import type { Labels } from '../../sdk/journey'
import type { Enrollment } from './enrollment'
import { showDetails, spaced } from './details'

// A shorter wait is over before the (eventually consistent) visibility store could show it.
const WORTH_SHOWING_MS = 60_000

/** One wait: what it is called, when it ends by itself, and what ends it earlier. */
export interface WaitFor<Result> {
  readonly step: string
  readonly verb: string
  /** What it does at the step, in the operator's words: `waiting for first project`. */
  readonly doing: (step: string) => string
  /** The enrollment's time in ms; asked again whenever something changes. */
  readonly until: () => number | undefined
  readonly ready: () => Result | undefined
  /** The events that make it ready. */
  readonly expected?: Labels
}

export type Waited<Result> =
  { readonly is: 'ready'; readonly value: Result } | { readonly is: 'due' } | { readonly is: 'skipped' }

interface Open extends WaitFor<unknown> {
  readonly since: number
  extendedMs: number
  skipped: boolean
}

/** All waits open now (several in parallel branches), and the one way to wait. */
export class Waits {
  private readonly open = new Set<Open>()

  constructor(private readonly enrollment: Enrollment) {}

  /** Waits until ready, due or skipped; then, while the enrollment is paused, until it is resumed. */
  async wait<Result>(asked: WaitFor<Result>): Promise<Waited<Result>> {
    const wait: Open = { ...asked, since: this.enrollment.now(), extendedMs: 0, skipped: false }
    this.open.add(wait)
    this.enrollment.step = asked.step
    try {
      let over = this.overOf(asked, wait)
      while (!over) {
        const end = endOf(wait)
        const woken = await this.changed(wait, end)
        // Its timer rang: over whatever the clock says. A build that makes the wait longer must agree with a history in which
        // the shorter one has ended.
        over = this.overOf(asked, wait, woken === false && endOf(wait) === end)
      }
      if (this.enrollment.paused) await this.enrollment.resumed()
      return over
    } finally {
      this.open.delete(wait)
    }
  }

  /** Ends the waits of a step (or all) as if their time had come. False when there is none. */
  skip(step?: string): boolean {
    const meant = this.meant(step)
    for (const wait of meant) wait.skipped = true
    return meant.length > 0
  }

  /** Moves the end of the waits of a step (or all). False when none of them has an end. */
  extend(ms: number, step?: string): boolean {
    const meant = this.meant(step).filter((wait) => endOf(wait) !== undefined)
    for (const wait of meant) wait.extendedMs += ms
    return meant.length > 0
  }

  canSkip(step?: string): boolean {
    return this.meant(step).length > 0
  }

  canExtend(step?: string): boolean {
    return this.meant(step).some((wait) => endOf(wait) !== undefined)
  }

  views(): WaitView[] {
    return [...this.open].map((wait) => ({
      step: wait.step,
      verb: wait.verb,
      since: this.enrollment.iso(wait.since),
      until: isoOrNull(this.enrollment, endOf(wait)),
    }))
  }

  /** The open waits in words and ends, for the details an operator reads. */
  spoken(): { words: string; until: number | undefined }[] {
    return [...this.open].map((wait) => ({
      words: wait.doing(spaced(wait.step)),
      until: endOf(wait),
    }))
  }

  expects(): Expecting[] {
    return [...this.open].flatMap(({ step, expected }) => (expected ? [{ step, labels: expected }] : []))
  }

  private meant(step?: string): Open[] {
    return [...this.open].filter((wait) => step === undefined || wait.step === step)
  }

  private overOf<Result>(asked: WaitFor<Result>, wait: Open, rang = false): Waited<Result> | undefined {
    this.enrollment.throwIfLeft()
    const value = asked.ready()
    if (value !== undefined) return { is: 'ready', value }
    if (wait.skipped) return { is: 'skipped' }
    const end = endOf(wait)
    const due = rang || (end !== undefined && end <= this.enrollment.now())
    return due ? { is: 'due' } : undefined
  }

  /** Until something changes; false when its end came first. */
  private changed(wait: Open, end: number | undefined): Promise<boolean | void> {
    this.show(wait, end)
    const changed = (): boolean => wait.ready() !== undefined || wait.skipped || endOf(wait) !== end
    if (end === undefined) return this.enrollment.host.until(changed)
    return this.enrollment.host.within(changed, Math.max(1, end - this.enrollment.now()), wait)
  }

  private show(wait: Open, end: number | undefined): void {
    showDetails(this.enrollment)
    if (end !== undefined && end - this.enrollment.now() < WORTH_SHOWING_MS) return
    this.enrollment.host.showStep(wait.step)
  }
}

function endOf(wait: Open): number | undefined {
  const until = wait.until()
  return until === undefined ? undefined : until + wait.extendedMs
}

const isoOrNull = (enrollment: Enrollment, at: number | undefined): string | null =>
  at === undefined ? null : enrollment.iso(at)
