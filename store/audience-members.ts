// Who is in which ad audience, as far as we put them there.

export interface AudiencePlace {
  /** As the ledger names who carried it. */
  readonly provider: string
  readonly endpoint: string
  readonly audience: string
}

export interface AudienceMember extends AudiencePlace {
  /** As the platform knows them: hashes alone. */
  readonly member: Readonly<Record<string, unknown>>
}

/** Somebody who is to be taken out, whose customer may be gone by now. */
export interface Leaving extends AudienceMember {
  /** The same for every attempt at taking them out; another one when they were put in again. */
  readonly ref: string
  readonly id: number
  readonly toldAt: number
  readonly attempts: number
}

export interface AudienceStore {
  /** Keeps that they may be in it from now on; to be called before they are put in. `topic` is the message's. */
  join(customerId: string, member: AudienceMember, topic?: string): Promise<void>
  /** A journey took them out: under other addresses they are taken out as well. */
  left(customerId: string, member: AudienceMember): Promise<void>
  /** Those who withdrew or were deleted, whose turn it is; nobody else gets them for `leaseMs`. */
  leaving(limit: number, leaseMs: number): Promise<Leaving[]>
  /** They are out. Nothing where they were put in again meanwhile. */
  gone(leaving: Leaving): Promise<void>
  /** Not yet; it is their turn again after `ms`. */
  leaveLater(leaving: Leaving, ms: number): Promise<void>
}
