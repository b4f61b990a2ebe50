// What there is after the storm, as read from the database, Temporal, the API and the sinks' own files.

export interface EventFound {
  readonly messageId: string
  readonly customerId: string
  readonly kind: string
  readonly state: 'pending' | 'handled' | 'set-aside'
}

export interface EnrollmentFound {
  readonly id: string
  readonly entry: number
  readonly customerId: string
  readonly status: string
  readonly outcome: { readonly is: string; readonly because?: string; readonly event?: string; readonly converted?: boolean } | null // prettier-ignore
  readonly enrolledBy: string
}

export interface TouchpointFound {
  readonly id: string
  readonly ref: string
  readonly enrollmentId: string
  readonly entry: number
  readonly customerId: string
  readonly channel: string
  readonly status: string
  readonly because: string | null
  readonly recordedAt: number
  /** Until when an attempt may be under way; wall clock. */
  readonly leaseUntil: number | null
}

/** What a sink wrote before it answered. */
export interface Receipt {
  readonly at: number
  readonly ref: string
  /**
   * took: it has it, and says so. cut, silent: it has it, and the sender never hears. again: a repeat it dropped.
   * refused: not now. gone: never. forged: not signed by us.
   */
  readonly did: 'took' | 'cut' | 'silent' | 'again' | 'refused' | 'gone' | 'forged'
}

/** From when until when a process was killed or frozen; wall clock. */
export interface Outage {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** What a workflow's whole history says. */
export interface HistoryFound {
  readonly open: boolean
  /** The messageIds it was signalled, each as often as it was. */
  readonly heard: readonly string[]
  /** Why workflow tasks failed, but for those that met a new signal. */
  readonly failures: readonly string[]
}

export interface Facts {
  /** Wall clock when all this was read. */
  readonly at: number
  readonly events: readonly EventFound[]
  /** By customer id. */
  readonly traits: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly enrollments: readonly EnrollmentFound[]
  readonly touchpoints: readonly TouchpointFound[]
  readonly mails: readonly Receipt[]
  readonly hooks: readonly Receipt[]
  readonly outages: readonly Outage[]
  /** By workflow id. */
  readonly histories: ReadonlyMap<string, HistoryFound>
  /** By workflow id, of those that run: the steps they wait at, as the API tells, and whether they are held out. */
  readonly waits: ReadonlyMap<string, { readonly steps: readonly string[]; readonly heldOut: boolean }>
}
