import type { EnrollmentInput, TimelineEntry } from '../enrollment'
import type { Attached, Deeds, Host, Scope } from '../host'
import type { Settled, TouchpointToDeliver } from '../touchpoint'
import { markStep, type Mark } from './walk'

/** What surrounds the enrollments of one customer. */
export interface Surroundings {
  readonly now: number
  /** Decides on a touchpoint; `proposed`: ask again so many ms later. */
  deliver(touchpoint: TouchpointToDeliver): Settled | { readonly is: 'proposed'; readonly waitMs: number }
  readonly deeds: Deeds
  call(activity: string, input: unknown): Promise<unknown>
  arm(step: string, shares: Readonly<Record<string, number>>, at: number): string
  /** Whether a run comes to a revision with the new code. */
  revision(id: string): boolean
  noted(journey: string, entry: TimelineEntry): void
}

interface Blocked {
  readonly met: () => boolean
  /** `verb step` of the wait; none where nothing is waited for at a step. */
  readonly at: string | undefined
  /** Epoch ms; Infinity where it has no end. */
  readonly due: number
  readonly wake: (met: boolean) => void
  readonly cancel: () => void
}

/** Thrown to end a run of an enrollment and begin the next. */
export class NextRun {
  constructor(readonly input: EnrollmentInput) {}
}

/** What waits in a scope that is left. */
class ScopeLeft extends Error {}

/** An activity of the adopter that fails in the rehearsal. */
export class CallFailed extends Error {}

/** One run of an enrollment on a clock that moves when it is told to. */
export class VirtualHost implements Host {
  attached: Attached | undefined
  private blocked: Blocked[] = []
  private left = false

  constructor(
    readonly id: string,
    readonly journey: string,
    private readonly around: Surroundings,
    private readonly marks: Mark[],
  ) {}

  now(): number {
    return this.around.now
  }

  until(met: () => boolean): Promise<void> {
    return this.block(met, Infinity) as Promise<unknown> as Promise<void>
  }

  within(met: () => boolean, ms: number, wait?: { readonly verb: string; readonly step: string }) {
    return this.block(met, this.around.now + ms, wait && `${wait.verb} ${wait.step}`)
  }

  scope(): Scope {
    return { run: (run) => run(), cancel: () => this.leave() }
  }

  uncancelled<Result>(run: () => Promise<Result>): Promise<Result> {
    this.left = false
    return run()
  }

  async deliver(touchpoint: TouchpointToDeliver): Promise<Settled> {
    // Whoever enters by the same event is there before anything goes out.
    await Promise.resolve()
    for (;;) {
      const answer = this.around.deliver(touchpoint)
      if (answer.is !== 'proposed') return answer
      await this.within(() => false, answer.waitMs)
    }
  }

  durably<Name extends keyof Deeds>(
    name: Name,
    _summary: string,
    ...args: Parameters<Deeds[Name]>
  ): Promise<Awaited<ReturnType<Deeds[Name]>>> {
    if (name === 'endEnrollment')
      this.marks.push({ is: 'over', outcome: (args as Parameters<Deeds['endEnrollment']>)[0].outcome })
    const deed = this.around.deeds[name] as (...args: unknown[]) => Promise<never>
    return deed(...args)
  }

  call(activity: string, _summary: string, input: unknown): Promise<unknown> {
    return this.around.call(activity, input)
  }

  whyFailed(error: unknown): string | undefined {
    return error instanceof CallFailed ? error.message : undefined
  }

  arm<Arm extends string>(step: string, shares: Readonly<Record<Arm, number>>, at: number): Arm {
    return this.around.arm(step, shares, at) as Arm
  }

  revision(id: string): boolean {
    return this.around.revision(id)
  }

  revised(): void {}

  show(): void {}

  showStep(): void {}

  noted(entry: TimelineEntry): void {
    this.around.noted(this.journey, entry)
  }

  pass<Done>(step: string, run: () => Done): Done {
    return markStep(this.marks, step, run)
  }

  attach(enrollment: Attached): void {
    this.attached = enrollment
  }

  quiet(): Promise<void> {
    return Promise.resolve()
  }

  goOn(input: EnrollmentInput): Promise<never> {
    this.marks.push({ is: 'stage', stage: input.carried!.stage })
    return Promise.reject(new NextRun(input))
  }

  /** Wakes what no longer has to wait. False when nothing was. */
  wake(): boolean {
    const ready = this.blocked.filter(({ met }) => met())
    if (ready.length === 0) return false
    this.blocked = this.blocked.filter((each) => !ready.includes(each))
    for (const { wake } of ready) wake(true)
    return true
  }

  /** When the next timer rings; Infinity when there is none. */
  nextDue(): number {
    return this.blocked.reduce((soonest, { due }) => Math.min(soonest, due), Infinity)
  }

  /** Rings the timer that is due. */
  ring(): void {
    const due = this.nextDue()
    this.rings(this.blocked.find((each) => each.due === due)!)
  }

  /** Rings the timer of a wait, whenever it is due. Nothing where there is none. */
  ringAt(wait: string): void {
    const timer = this.blocked.find(({ at }) => at === wait)
    if (timer) this.rings(timer)
  }

  /** `verb step` of the waits that have an end. */
  timers(): readonly string[] {
    return this.blocked.flatMap(({ at }) => (at === undefined ? [] : [at]))
  }

  private rings(timer: Blocked): void {
    this.blocked = this.blocked.filter((each) => each !== timer)
    timer.wake(false)
  }

  private leave(): void {
    this.left = true
    const { blocked } = this
    this.blocked = []
    for (const { cancel } of blocked) cancel()
  }

  private block(met: () => boolean, due: number, at?: string): Promise<boolean> {
    if (this.left) return Promise.reject(new ScopeLeft())
    if (met()) return Promise.resolve(true)
    return new Promise((resolve, reject) => {
      this.blocked.push({ met, at, due, wake: resolve, cancel: () => reject(new ScopeLeft()) })
    })
  }
}
