/**
 * Who was put into which ad audience, as its platform knows them, so that a later withdrawal or deletion takes them out again.
 * `look_at` is set once somebody is to be taken out. An attempt to put in that is under way is waited for: it takes at most 150 s.
 * And an index by which closed tasks are found whose retention is over.
 */
export const sql = `
create table audience_members (
  id bigint generated always as identity primary key,
  customer_id text,
  provider text not null,
  endpoint text not null,
  audience text not null,
  purpose text not null,
  member jsonb not null,
  told_at bigint not null,
  look_at bigint,
  attempts integer not null default 0
);
create index audience_members_of_customer on audience_members (customer_id);
create index audience_members_leaving on audience_members (look_at) where look_at is not null;

create index tasks_closed on tasks (recorded_at) where status not in ('open', 'claimed');

create function leave_audiences_withdrawn(of_customer text) returns void language sql as $$
  with words as (
    select distinct on (purpose) purpose, state, occurred_at from consents
    where customer_id = of_customer and channel = 'audience' order by purpose, occurred_at desc, id desc
  )
  update audience_members as member set look_at = greatest(wall_clock(), member.told_at + 150000)
  where member.customer_id = of_customer and member.look_at is null and (
    exists (select from words where purpose = member.purpose and state = 'withdrawn')
    or exists (
      select from words as every where every.purpose = 'marketing' and every.state = 'withdrawn' and not exists (
        select from words where purpose = member.purpose and purpose <> 'marketing' and occurred_at >= every.occurred_at
      )
    )
  )
$$;

create function audience_consent_changes() returns trigger language plpgsql as $$
begin
  perform leave_audiences_withdrawn(new.customer_id);
  return null;
end $$;
create trigger audience_consent_changes after insert on consents for each row
  when (new.channel = 'audience' and new.state = 'withdrawn') execute function audience_consent_changes();
`
