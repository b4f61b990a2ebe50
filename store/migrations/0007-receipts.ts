/** What providers say later of touchpoints, and what finds the touchpoint that they mean. */
export const sql = `
alter table touchpoints
  add column address text,
  add column receipts jsonb not null default '[]';
create index touchpoints_at_provider on touchpoints (provider_message_id) where provider_message_id is not null;
create index touchpoints_at_address on touchpoints (address, recorded_at) where address is not null;

create table stray_receipts (
  message_id text primary key,
  provider text not null,
  receipt jsonb not null,
  received_at bigint not null default wall_clock(),
  look_again_at bigint not null default wall_clock()
);
create index stray_receipts_to_place on stray_receipts (look_again_at);
`
