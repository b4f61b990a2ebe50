/**
 * Decisions in partitions of four weeks by wall clock, as touchpoints are (docs/decisions/0010): the table that was there becomes
 * the first one as it is.
 */
export const sql = `
alter table decisions drop constraint decisions_pkey;
alter table decisions rename to decisions_first;
alter index decisions_of_customer rename to decisions_first_of_customer;
alter index decisions_due rename to decisions_first_due;
alter index decisions_of_step rename to decisions_first_of_step;
drop index decisions_settled;
create unique index decisions_first_id on decisions_first (id);

create table decisions (like decisions_first including defaults including constraints) partition by range (recorded_at);
create index decisions_of_customer on decisions (customer_id, journey, step, recorded_at);
create index decisions_due on decisions (closes_at) where state = 'open';
create index decisions_of_step on decisions (journey, step, recorded_at);
create index decisions_settled on decisions (journey, step, position) where position is not null;
create table decisions_default partition of decisions default;
create unique index decisions_default_id on decisions_default (id);

do $$
declare
  newest bigint;
  begins bigint;
begin
  select greatest(arrival_time(), max(recorded_at)) from decisions_first into newest;
  begins := newest - (newest - 345600000) % 2419200000;
  execute format('alter table decisions attach partition decisions_first for values from (minvalue) to (%s)', begins + 2419200000);
  execute format('alter table decisions_first rename to %I',
    'decisions_' || to_char(to_timestamp(begins / 1000) at time zone 'UTC', 'YYYYMMDD'));
end $$;

-- No index says that an id is made once in all partitions together: whoever makes it second waits, and finds it.
create function make_decision(given jsonb) returns setof decisions language plpgsql as $$
begin
  perform pg_advisory_xact_lock(6, hashtext(given ->> 'id'));
  return query select * from decisions where id = given ->> 'id';
  if found then return; end if;
  return query insert into decisions
    select made.* from jsonb_populate_record(null::decisions,
      given || jsonb_build_object('recorded_at', wall_clock(), 'state', 'open')) as made
    returning *;
end $$;
`
