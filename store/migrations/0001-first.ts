/** Times are epoch milliseconds. Enrollments and touchpoints name each other without foreign keys: a workflow may be started past us. */
export const sql = `
create function wall_clock() returns bigint language sql volatile
  as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint $$;

create table customers (
  id text primary key,
  traits jsonb not null default '{}',
  trait_times jsonb not null default '{}',
  clock_offset_ms bigint not null default 0,
  created_at bigint not null default wall_clock(),
  updated_at bigint not null default wall_clock()
);
create index customers_by_creation on customers (created_at, id);

create table customer_aliases (
  alias text primary key,
  customer_id text not null,
  created_at bigint not null default wall_clock()
);
create index customer_aliases_of_customer on customer_aliases (customer_id);

create table groups (
  id text primary key,
  traits jsonb not null default '{}',
  updated_at bigint not null default wall_clock()
);

create table customer_groups (
  customer_id text not null,
  group_id text not null,
  joined_at bigint not null default wall_clock(),
  primary key (customer_id, group_id)
);

create table events (
  id bigint generated always as identity primary key,
  message_id text not null unique,
  customer_id text not null,
  kind text not null,
  name text not null,
  properties jsonb not null,
  anonymous_id text,
  occurred_at bigint not null,
  received_at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  lane smallint not null,
  state text not null default 'pending' check (state in ('pending', 'handled', 'set-aside')),
  attempts integer not null default 0,
  reason text,
  handled_at bigint
);
create index events_pending on events (lane, id) where state = 'pending';
create index events_set_aside on events (id) where state = 'set-aside';
create index events_of_customer on events (customer_id, id);

create table dispatchers (
  owner text primary key,
  seen_until bigint not null
);

create table lanes (
  lane smallint primary key,
  owner text,
  leased_until bigint not null default 0,
  leaving boolean not null default false
);
insert into lanes (lane) select generate_series(0, 63);

create table enrollments (
  workflow_id text not null,
  entry integer not null,
  journey text not null,
  customer_id text not null,
  key text,
  build text not null,
  status text not null check (status in ('starting', 'running', 'paused', 'ended')),
  outcome jsonb,
  enrolled_by text not null,
  started_at bigint not null,
  ended_at bigint,
  primary key (workflow_id, entry),
  unique (enrolled_by, workflow_id),
  check ((status = 'ended') = (outcome is not null and ended_at is not null))
);
create index enrollments_by_start on enrollments (started_at, workflow_id, entry);
create index enrollments_of_customer on enrollments (customer_id, started_at);
create index enrollments_of_journey on enrollments (journey, status);

create table touchpoints (
  id text primary key,
  ref text not null unique,
  enrollment_id text not null,
  entry integer not null,
  journey text not null,
  customer_id text not null,
  step text not null,
  channel text not null,
  message text not null,
  category text not null,
  status text not null check (status in ('sending', 'retrying', 'sent', 'withheld', 'failed', 'unknown')),
  because text,
  provider text,
  provider_message_id text,
  attempts integer not null,
  verdicts jsonb not null,
  at bigint not null,
  recorded_at bigint not null default wall_clock(),
  lease_until bigint
);
create index touchpoints_by_time on touchpoints (recorded_at, id);
create index touchpoints_of_customer on touchpoints (customer_id, recorded_at, id);
create index touchpoints_of_enrollment on touchpoints (enrollment_id, entry);

create table consents (
  id bigint generated always as identity primary key,
  customer_id text not null,
  channel text not null,
  category text not null,
  state text not null check (state in ('granted', 'withdrawn')),
  source text not null,
  occurred_at bigint not null,
  recorded_at bigint not null default wall_clock()
);
create index consents_of_customer on consents (customer_id, channel, category, occurred_at, id);

create sequence builds_kept;
create table builds (
  build text primary key,
  manifest jsonb not null,
  kept bigint not null default nextval('builds_kept'),
  kept_at bigint not null default wall_clock()
);

create table operations (
  id text primary key,
  enrollment_id text not null,
  entry integer not null,
  action text not null,
  by text not null,
  reason text,
  at bigint not null default wall_clock()
);
create index operations_of_enrollment on operations (enrollment_id, entry);
`
