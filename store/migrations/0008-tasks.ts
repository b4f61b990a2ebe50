/** Calls that agents make. Times named `opened_at`, `due_at`, `escalate_at`, `closed_at` are by the customer's clock; all others by the wall's. */
export const sql = `
create table tasks (
  id text primary key,
  ref text not null unique,
  enrollment_id text not null,
  entry integer not null,
  journey text not null,
  step text not null,
  customer_id text not null,
  queue text not null,
  priority integer not null,
  script text not null,
  context jsonb not null,
  outcomes jsonb not null,
  status text not null default 'open' check (status in ('open', 'claimed', 'done', 'expired', 'moot')),
  agent text,
  outcome text,
  data jsonb,
  opened_at bigint not null,
  due_at bigint not null,
  urgency bigint not null generated always as (-due_at) stored,
  escalation jsonb,
  escalate_at bigint,
  closed_at bigint,
  log jsonb not null default '[]',
  recorded_at bigint not null default wall_clock(),
  changes bigint not null default 1,
  told bigint not null default 0,
  tell_at bigint not null default wall_clock(),
  check ((status in ('open', 'claimed')) = (closed_at is null)),
  check ((status = 'done') = (outcome is not null)),
  check (status <> 'claimed' or agent is not null)
);
create index tasks_waiting on tasks (priority, urgency, id) where status in ('open', 'claimed');
create index tasks_in_queue on tasks (queue, priority, urgency, id);
create index tasks_of_enrollment on tasks (enrollment_id, entry) where status in ('open', 'claimed');
create index tasks_of_customer on tasks (customer_id);
create index tasks_to_escalate on tasks (escalate_at) where status = 'open' and escalate_at is not null;
create index tasks_to_tell on tasks (tell_at) where told < changes;

create function task_entry(what text) returns jsonb language sql volatile as $$
  select jsonb_build_array(jsonb_build_object('at', wall_clock(), 'did', what, 'by', null))
$$;

create or replace function end_enrollment(
  ended_id text, ended_entry integer, its_journey text, customer text, its_key text, its_outcome jsonb, ended bigint
) returns void language plpgsql as $$
declare
  owner_id text := (lock_customer(customer)).id;
  recorded bigint;
begin
  perform contact_changes(owner_id);
  insert into enrollments (
    workflow_id, entry, journey, customer_id, key, build, status, outcome, enrolled_by, started_at, ended_at, recorded_at
  ) values (
    ended_id, ended_entry, its_journey, owner_id, its_key, '', 'ended', its_outcome, 'workflow ' || ended_entry, ended, ended, 0
  ) on conflict (workflow_id, entry) do update
    set status = 'ended', outcome = excluded.outcome, ended_at = excluded.ended_at
    where enrollments.status <> 'ended'
  returning recorded_at into recorded;
  update touchpoints set status = 'withheld', because = 'withdrawn', lease_until = null, look_again_at = null
    where enrollment_id = ended_id and entry = ended_entry and recorded_at >= coalesce(recorded, 0) - 86400000
      and status in ('proposed', 'held', 'retrying');
  update tasks set status = 'moot', closed_at = ended, changes = changes + 1, log = log || task_entry('moot')
    where enrollment_id = ended_id and entry = ended_entry and status in ('open', 'claimed');
end $$;

alter table enrollments add column held_out boolean;
`
