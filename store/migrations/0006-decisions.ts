/** Times named `at`, `closes_at` and `rewarded_at` are by the customer's clock; all others by the wall's. */
export const sql = `
create table decisions (
  id text primary key,
  enrollment_id text not null,
  entry integer not null,
  journey text not null,
  step text not null,
  customer_id text not null,
  arm text not null,
  how text not null check (how in ('policy', 'kept', 'otherwise')),
  propensity double precision not null check (propensity > 0 and propensity <= 1),
  policy jsonb not null,
  version text not null,
  learned bigint not null,
  settings bigint not null,
  context jsonb not null,
  arms jsonb not null,
  passed_over jsonb not null,
  reward_rule jsonb not null,
  at bigint not null,
  closes_at bigint not null,
  recorded_at bigint not null default wall_clock(),
  state text not null default 'open' check (state in ('open', 'closed')),
  position bigint,
  reward double precision,
  rewarded_at bigint,
  rewarded_by text,
  check ((reward is null) = (rewarded_by is null)),
  check (position is null or (state = 'closed' and how = 'policy'))
);
create index decisions_of_customer on decisions (customer_id, journey, step, recorded_at);
create index decisions_due on decisions (closes_at) where state = 'open';
create index decisions_of_step on decisions (journey, step, recorded_at);
create unique index decisions_settled on decisions (journey, step, position) where position is not null;

create table learners (
  journey text not null,
  step text not null,
  settled bigint not null,
  primary key (journey, step)
);

create table learned_snapshots (
  journey text not null,
  step text not null,
  version text not null,
  position bigint not null,
  learned jsonb not null,
  primary key (journey, step, version)
);

create table decision_settings (
  revision bigint generated always as identity primary key,
  journey text not null,
  step text not null,
  document jsonb not null,
  key text not null,
  by text,
  because text not null,
  at bigint not null default wall_clock()
);
create index decision_settings_of_step on decision_settings (journey, step, revision);

create index customers_ahead on customers (id) where clock_offset_ms > 0;
`
