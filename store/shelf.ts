// What is kept for the customer's app to show: the in-app inbox.

export type InboxMark = 'seen' | 'read' | 'clicked' | 'dismissed'

export interface InboxItem {
  /** The touchpoint's. */
  readonly ref: string
  readonly customerId: string
  readonly title: string
  readonly text: string
  readonly link: string | null
  /** By the customer's clock, when it was sent and until when it is shown. */
  readonly at: number
  readonly expiresAt: number
  /** By the wall clock, the first time. */
  readonly marks: Readonly<Record<InboxMark, number | null>>
  /** Not dismissed, not withdrawn by the end of its journey, not expired. */
  readonly shown: boolean
  /** Rises with every change of the customer's items. */
  readonly version: number
}

/** How far a reader of changes has come. */
export interface InboxPlace {
  readonly customerId: string
  /** The version of the last change it has; undefined: it wants what is shown, and then the changes. */
  readonly after: number | undefined
}

export interface InboxStore {
  /** Keeps what a touchpoint says, once; it is withdrawn at once when the enrollment has ended meanwhile. `keepMs` from its time. */
  put(
    ref: string,
    content: { readonly title: string; readonly text: string; readonly link?: string },
    keepMs: number,
  ): Promise<void>
  /** What is shown, newest first. */
  shown(customerId: string, limit: number): Promise<InboxItem[]>
  /** Marks an item, the first time of each mark counts; clicked is read, and read is seen. Undefined where she has no such item. */
  mark(customerId: string, ref: string, mark: InboxMark): Promise<InboxItem | undefined>
  /** For each place, in the same order, what changed since, oldest first; at most `limit` each. */
  changes(places: readonly InboxPlace[], limit: number): Promise<InboxItem[][]>
}
