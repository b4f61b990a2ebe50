import type { EnrollmentInput, EnrollmentStatus, ProfileChange } from '../enrollment'
import type { EventFact } from '../event'
import type { Expecting, Lived } from '../host'
import type { Outcome } from '../outcome'
import type { Mark } from './walk'
import { NextRun, VirtualHost, type Surroundings } from './virtual-host'

/** One enrollment of a rehearsed customer, run after run. */
export class Resident {
  status: 'running' | 'ended' = 'running'
  outcome: Outcome | undefined
  readonly startedAt: number
  endedAt: number | null = null
  /** What the journey's code threw. */
  crash: { readonly error: unknown } | undefined
  readonly marks: Mark[] = []
  private host: VirtualHost

  constructor(
    readonly id: string,
    readonly journey: string,
    readonly entry: number,
    readonly enrolledBy: string,
    private readonly around: Surroundings,
  ) {
    this.startedAt = around.now
    this.host = new VirtualHost(id, journey, around, this.marks)
  }

  live(on: Lived, input: EnrollmentInput): void {
    on(this.host, input).then(undefined, (error: unknown) => {
      if (!(error instanceof NextRun)) return void (this.crash = { error })
      this.host = new VirtualHost(this.id, this.journey, this.around, this.marks)
      this.live(on, error.input)
    })
  }

  end(outcome: Outcome, at: number): void {
    this.status = 'ended'
    this.outcome = outcome
    this.endedAt = at
  }

  hear(event: EventFact): void {
    if (this.status === 'ended') return
    this.host.attached?.hear(event)
    this.host.wake()
  }

  learn(change: ProfileChange): void {
    if (this.status === 'ended') return
    this.host.attached?.learn(change)
    this.host.wake()
  }

  wake(): boolean {
    return this.host.wake()
  }

  nextDue(): number {
    return this.host.nextDue()
  }

  ring(): void {
    this.host.ring()
  }

  asks(): EnrollmentStatus | undefined {
    return this.host.attached?.status()
  }

  expects(): readonly Expecting[] {
    return this.host.attached?.expects() ?? []
  }
}
