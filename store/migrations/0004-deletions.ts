/** Who was to be deleted, and was (docs/decisions/0014). Of a deletion that is finished no customer can be told. */
export const sql = `
create table deletions (
  id bigint generated always as identity primary key,
  customer_id text,
  hashes text[] not null,
  key text not null,
  at bigint not null default wall_clock(),
  settles_at bigint not null,
  finished_at bigint,
  check ((finished_at is null) = (customer_id is not null))
);
create unique index deletions_under_way on deletions (customer_id) where finished_at is null;
create index deletions_of_customer on deletions using gin (hashes);
`
