/**
 * Messages that stay with us for the customer's app to show. Every writer holds the customer's lock, so that the versions of
 * one customer's items come to be seen in their order: a stream goes on after the last that it has.
 */
export const sql = `
create sequence inbox_versions;

create table inbox_items (
  ref text primary key,
  customer_id text not null,
  enrollment_id text not null,
  entry integer not null,
  title text not null,
  body text not null,
  link text,
  at bigint not null,
  expires_at bigint not null,
  seen_at bigint,
  read_at bigint,
  clicked_at bigint,
  dismissed_at bigint,
  withdrawn_at bigint,
  version bigint not null default 0
);
create index inbox_items_of_customer on inbox_items (customer_id, version);
create index inbox_items_of_enrollment on inbox_items (enrollment_id, entry) where withdrawn_at is null;

create function inbox_item_changes() returns trigger language plpgsql as $$
begin
  new.version := nextval('inbox_versions');
  return new;
end $$;
create trigger inbox_item_changes before insert or update on inbox_items
  for each row execute function inbox_item_changes();

create function withdraw_inbox_items() returns trigger language plpgsql as $$
begin
  update inbox_items set withdrawn_at = wall_clock()
    where enrollment_id = new.workflow_id and entry = new.entry and withdrawn_at is null and dismissed_at is null;
  return null;
end $$;
create trigger withdraw_inbox_items after update of status on enrollments for each row
  when (new.status = 'ended' and old.status <> 'ended' and new.outcome ->> 'is' <> 'completed')
  execute function withdraw_inbox_items();
`
