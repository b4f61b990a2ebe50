/** Where customers get notifications (docs/decisions/0022). `key` is what the address would be suppressed under. */
export const sql = `
create table devices (
  key text primary key,
  customer_id text not null,
  channel text not null,
  address text not null,
  seen_at bigint not null
);
create index devices_of_customer on devices (customer_id, channel, seen_at desc);
`
