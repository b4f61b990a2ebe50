/**
 * Events and touchpoints in partitions by wall clock: events by weeks from a Monday, touchpoints by four weeks (docs/decisions/0010).
 * The tables that were there become the first partitions as they are, whatever their size: no row is copied.
 */
export const sql = `
create function arrival_time() returns bigint language sql stable
  as $$ select (extract(epoch from statement_timestamp()) * 1000)::bigint $$;

alter table events alter column id drop identity;
alter table events drop constraint events_pkey;
alter table events rename to events_first;
alter index events_message_id_key rename to events_first_message_id;
alter index events_pending rename to events_first_pending;
alter index events_set_aside rename to events_first_set_aside;
alter index events_of_customer rename to events_first_of_customer;

create sequence events_arrived;
select setval('events_arrived', (select coalesce(max(id), 0) + 1 from events_first), false);
create table events (like events_first including defaults including constraints) partition by range (received_at);
alter table events alter column id set default nextval('events_arrived');
alter sequence events_arrived owned by events.id;
create index events_pending on events (lane, id) where state = 'pending';
create index events_set_aside on events (id) where state = 'set-aside';
create index events_of_customer on events (customer_id, id);
create table events_default partition of events default;
create unique index events_default_message_id on events_default (message_id);

alter table touchpoints rename to touchpoints_first;
alter index touchpoints_pkey rename to touchpoints_first_id;
alter index touchpoints_ref_key rename to touchpoints_first_ref;
alter index touchpoints_by_time rename to touchpoints_first_by_time;
alter index touchpoints_of_customer rename to touchpoints_first_of_customer;
alter index touchpoints_of_enrollment rename to touchpoints_first_of_enrollment;

create table touchpoints (like touchpoints_first including defaults including constraints) partition by range (recorded_at);
create index touchpoints_by_time on touchpoints (recorded_at, id);
create index touchpoints_of_customer on touchpoints (customer_id, recorded_at, id);
create index touchpoints_of_enrollment on touchpoints (enrollment_id, entry);
create table touchpoints_default partition of touchpoints default;
create unique index touchpoints_default_id on touchpoints_default (id);
create unique index touchpoints_default_ref on touchpoints_default (ref);

do $$
declare
  part record;
  newest bigint;
  begins bigint;
begin
  for part in select * from (values ('events', 'received_at', 604800000), ('touchpoints', 'recorded_at', 2419200000))
    as parts (name, at, width)
  loop
    execute format('select greatest(arrival_time(), max(%I)) from %I', part.at, part.name || '_first') into newest;
    begins := newest - (newest - 345600000) % part.width;
    execute format('alter table %I attach partition %I for values from (minvalue) to (%s)',
      part.name, part.name || '_first', begins + part.width);
    execute format('alter table %I rename to %I',
      part.name || '_first', part.name || '_' || to_char(to_timestamp(begins / 1000) at time zone 'UTC', 'YYYYMMDD'));
  end loop;
end $$;

create table event_claims (
  message_id text primary key,
  claimed_at bigint not null default wall_clock()
);

alter table enrollments add column recorded_at bigint not null default 0;
alter table enrollments alter column recorded_at set default wall_clock();
`
