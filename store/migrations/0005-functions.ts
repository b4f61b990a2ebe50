/**
 * What takes several statements under a lock, each of which must see what the one before waited for, in one round trip
 * (docs/performance.md). Advisory locks of kind 1 are those of customers.
 */
export const sql = `
create function owner_of(given text) returns table (id text, known boolean, deleting boolean) language sql stable as $$
  select owner.id, exists (select from customers where customers.id = owner.id),
    exists (select from deletions where customer_id = owner.id and finished_at is null)
  from (select coalesce((select customer_id from customer_aliases where alias = given), given) as id) as owner
$$;

create function lock_customer(given text, out id text, out known boolean, out deleting boolean) language plpgsql as $$
declare
  locked text := given;
begin
  loop
    perform pg_advisory_xact_lock(1, hashtext(locked));
    select owner.id, owner.known, owner.deleting into id, known, deleting from owner_of(given) as owner;
    exit when id = locked;
    locked := id;
  end loop;
end $$;

create function contact_changes(customer text) returns void language sql as $$
  insert into contacts as contact (customer_id, version) values (customer, 1)
  on conflict (customer_id) do update set version = contact.version + 1
$$;

create function end_enrollment(
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
end $$;
`
