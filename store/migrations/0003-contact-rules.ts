/** Times named `at`, `held_until`, `expires_at`, `occurred_at` are by the customer's clock; all others by the wall's. */
export const sql = `
create table contacts (
  customer_id text primary key,
  version bigint not null
);

alter table touchpoints
  drop constraint touchpoints_status_check,
  add constraint touchpoints_status_check check (
    status in ('proposed', 'held', 'sending', 'retrying', 'sent', 'withheld', 'failed', 'unknown')
  ),
  add column topic text,
  add column priority double precision not null default 1,
  add column held_until bigint,
  add column expires_at bigint,
  add column look_again_at bigint,
  add column rules_version bigint not null default 0;
create index touchpoints_open on touchpoints (customer_id) where status in ('proposed', 'held');
create index touchpoints_to_look_at on touchpoints (look_again_at) where look_again_at is not null;
create index touchpoints_held_under on touchpoints (rules_version) where status = 'held';

alter table consents rename column category to purpose;
alter table consents
  add column basis text check (
    basis in ('consent', 'double-opt-in', 'soft-opt-in', 'contract', 'legitimate-interest')
  ),
  add column proof jsonb;
create index consents_by_time on consents (customer_id, occurred_at, id);

create table suppressions (
  id bigint generated always as identity primary key,
  address text not null,
  reason text not null check (reason in ('hard-bounce', 'complaint', 'legal', 'manual')),
  source text not null,
  by text,
  because text,
  at bigint not null default wall_clock(),
  lifted_at bigint,
  lifted_by text,
  lifted_because text,
  check ((lifted_at is null) = (lifted_by is null))
);
create unique index suppressions_in_force on suppressions (address, reason) where lifted_at is null;
create index suppressions_of_address on suppressions (address, id);

create table rules (
  one boolean primary key default true check (one),
  version bigint not null
);
insert into rules (version) values (0);

create table limits (
  revision bigint generated always as identity primary key,
  state text not null check (state in ('draft', 'active', 'replaced', 'rejected')),
  document jsonb not null,
  based_on bigint not null,
  key text not null,
  by text,
  because text not null,
  at bigint not null default wall_clock(),
  decided_key text,
  decided_by text,
  decided_because text,
  decided_at bigint,
  replaced_at bigint,
  check ((decided_at is null) = (decided_key is null)),
  check ((state = 'replaced') = (replaced_at is not null))
);
create unique index limits_active on limits (state) where state = 'active';

create table stops (
  id bigint generated always as identity primary key,
  scope text not null check (scope in ('everything', 'journey', 'channel', 'provider')),
  name text,
  key text not null,
  by text,
  because text not null,
  at bigint not null default wall_clock(),
  ended_key text,
  ended_by text,
  ended_because text,
  ended_at bigint,
  check ((scope = 'everything') = (name is null)),
  check ((ended_at is null) = (ended_key is null))
);
create unique index stops_in_force on stops (scope, coalesce(name, '')) where ended_at is null;
`
