import type { ColumnType, Generated, Kysely, Selectable, Transaction } from 'kysely'
import type { Category, Device, KeptReceipt, Manifest, Outcome, Receipt } from '../sdk'
import type { ConsentBasis, Limits, Stop, SuppressedBecause } from '../sdk/contact'
import type {
  DecisionSettingsTable,
  DecisionsTable,
  LearnedSnapshotsTable,
  LearnersTable,
} from './decision-tables'
import type { JsonText } from './json'
import type { AudienceMembersTable } from './audience-table'
import type { TasksTable } from './task-table'
import type { Consent, EnrollmentRow, EventKind, EventState, TouchpointStatus, Verdict } from './store'

// What the migrations make, as types. A test compares both.

/** Reads as the value; is written as text made by `jsonText`. */
export type Json<Value> = ColumnType<Value, JsonText, JsonText>

export interface Tables {
  customers: CustomersTable
  customer_aliases: CustomerAliasesTable
  devices: DevicesTable
  groups: GroupsTable
  customer_groups: CustomerGroupsTable
  events: EventsTable
  event_claims: EventClaimsTable
  dispatchers: DispatchersTable
  lanes: LanesTable
  enrollments: EnrollmentsTable
  touchpoints: TouchpointsTable
  stray_receipts: StrayReceiptsTable
  inbox_items: InboxItemsTable
  audience_members: AudienceMembersTable
  contacts: ContactsTable
  consents: ConsentsTable
  suppressions: SuppressionsTable
  rules: RulesTable
  limits: LimitsTable
  stops: StopsTable
  deletions: DeletionsTable
  builds: BuildsTable
  operations: OperationsTable
  decisions: DecisionsTable
  learners: LearnersTable
  learned_snapshots: LearnedSnapshotsTable
  decision_settings: DecisionSettingsTable
  tasks: TasksTable
}

export interface CustomersTable {
  id: string
  traits: Json<Record<string, unknown>>
  /** When each trait was set, or removed. */
  trait_times: Json<Record<string, number>>
  clock_offset_ms: Generated<number>
  created_at: Generated<number>
  updated_at: Generated<number>
}

export interface CustomerAliasesTable {
  alias: string
  /** Never itself an alias. */
  customer_id: string
  created_at: Generated<number>
}

export interface DevicesTable {
  /** The hash under which the address may be suppressed. */
  key: string
  customer_id: string
  channel: Device['channel']
  address: string
  /** By the customer's clock. */
  seen_at: number
}

export interface GroupsTable {
  id: string
  traits: Json<Record<string, unknown>>
  updated_at: Generated<number>
}

export interface CustomerGroupsTable {
  customer_id: string
  group_id: string
  joined_at: Generated<number>
}

export interface EventsTable {
  id: Generated<number>
  message_id: string
  customer_id: string
  kind: EventKind
  name: string
  properties: Json<Record<string, unknown>>
  anonymous_id: string | null
  occurred_at: number
  /** The partition key: weeks. */
  received_at: number
  lane: number
  state: Generated<EventState>
  attempts: Generated<number>
  reason: string | null
  handled_at: number | null
}

/** What was appended near the turn of a week: there, two partitions' unique indexes could each let one of two repeats in. */
export interface EventClaimsTable {
  message_id: string
  claimed_at: Generated<number>
}

export interface DispatchersTable {
  owner: string
  seen_until: number
}

export interface LanesTable {
  lane: number
  owner: string | null
  leased_until: Generated<number>
  /** The owner was told to stop serving it, and lets go when it next asks. */
  leaving: Generated<boolean>
}

export interface EnrollmentsTable {
  workflow_id: string
  entry: number
  journey: string
  customer_id: string
  key: string | null
  build: string
  status: EnrollmentRow['status']
  outcome: Json<Outcome> | null
  enrolled_by: string
  started_at: number
  ended_at: number | null
  /** Wall clock, before the enrollment's first touchpoint; 0 where that is not known. */
  recorded_at: Generated<number>
  /** Null for those started by builds that did not note it. */
  held_out: boolean | null
}

export interface TouchpointsTable {
  id: string
  ref: string
  enrollment_id: string
  entry: number
  journey: string
  customer_id: string
  step: string
  channel: string
  message: string
  category: Category
  topic: string | null
  status: TouchpointStatus
  because: string | null
  provider: string | null
  provider_message_id: string | null
  attempts: number
  verdicts: Json<readonly Verdict[]>
  at: number
  /** The partition key: four weeks. */
  recorded_at: Generated<number>
  /** Until then the attempt under way is left alone. */
  lease_until: number | null
  priority: Generated<number>
  held_until: number | null
  expires_at: number | null
  /** Held when the rules changed: its enrollment is told to ask again, at this time of the wall clock. */
  look_again_at: number | null
  /** Of the rules it was decided by, or told to ask again for. */
  rules_version: Generated<number>
  /** The hash under which the address it goes to may be suppressed; null on channels whose addresses are no person's. */
  address: string | null
  receipts: Json<readonly KeptReceipt[]>
}

/** Messages that the customer's app shows. */
export interface InboxItemsTable {
  /** The touchpoint's. */
  ref: string
  customer_id: string
  enrollment_id: string
  entry: number
  title: string
  body: string
  link: string | null
  at: number
  expires_at: number
  seen_at: number | null
  read_at: number | null
  clicked_at: number | null
  dismissed_at: number | null
  withdrawn_at: number | null
  version: Generated<number>
}

/** Receipts of messages that are not known, or not yet. */
export interface StrayReceiptsTable {
  /** Of the event it becomes. */
  message_id: string
  provider: string
  receipt: Json<Receipt>
  received_at: Generated<number>
  look_again_at: Generated<number>
}

/** A row a customer whose version changes with all that the contact rules read of it, but for the profile. */
export interface ContactsTable {
  customer_id: string
  version: number
}

export interface ConsentsTable {
  id: Generated<number>
  customer_id: string
  channel: string
  /** `marketing`, or a topic. */
  purpose: string
  state: Consent['state']
  source: string
  basis: ConsentBasis | null
  proof: Json<Record<string, unknown>> | null
  occurred_at: number
  recorded_at: Generated<number>
}

export interface SuppressionsTable {
  id: Generated<number>
  /** A hash: see `suppressionKey`. */
  address: string
  reason: SuppressedBecause
  source: string
  by: string | null
  because: string | null
  at: Generated<number>
  lifted_at: number | null
  lifted_by: string | null
  lifted_because: string | null
}

/** One row: its version grows with every change that may let go what is held. Editors of limits and stops queue on it. */
export interface RulesTable {
  one: Generated<boolean>
  version: number
}

export interface LimitsTable {
  revision: Generated<number>
  state: 'draft' | 'active' | 'replaced' | 'rejected'
  document: Json<Limits>
  /** The revision that held when it was written; 0: none. */
  based_on: number
  /** The name of the API key. */
  key: string
  by: string | null
  because: string
  at: Generated<number>
  decided_key: string | null
  decided_by: string | null
  decided_because: string | null
  decided_at: number | null
  replaced_at: number | null
}

export interface StopsTable {
  id: Generated<number>
  scope: Stop['scope']
  name: string | null
  /** The name of the API key. */
  key: string
  by: string | null
  because: string
  at: Generated<number>
  ended_key: string | null
  ended_by: string | null
  ended_because: string | null
  ended_at: number | null
}

export interface DeletionsTable {
  id: Generated<number>
  /** Until it is finished. */
  customer_id: string | null
  /** Of all ids the customer had: see `hashOf` in deletions.ts. */
  hashes: string[]
  /** The name of the API key. */
  key: string
  at: Generated<number>
  /** Nothing that began before it was ordered is under way any more. */
  settles_at: number
  finished_at: number | null
}

export interface BuildsTable {
  build: string
  manifest: Json<Manifest>
  /** Grows with every keeping. */
  kept: Generated<number>
  kept_at: Generated<number>
}

export interface OperationsTable {
  id: string
  enrollment_id: string
  entry: number
  action: string
  by: string
  reason: string | null
  at: Generated<number>
}

export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>
export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>
