import { judgment } from '../../activities/contact/rules'
import type { Provider } from '../../channels'
import { enrollmentId, touchpointId } from '../../sdk'
import { firstLimits, type Limits } from '../../sdk/contact'
import type { Store, TouchpointRequest } from '../../store'
import { onEmbedded, onPostgres } from './databases'
import { median, rounded } from './figures'
import { RoundTrips } from './round-trips'

const CUSTOMERS = 400
const ROUNDS = 9
const SENDS = 200
/** What each customer got in the weeks before. */
const BEFORE = 10
const HOUR = 3_600_000

const limits: Limits = {
  ...firstLimits,
  quietHours: [
    ...firstLimits.quietHours,
    { name: 'mail nights', channels: ['email'], from: '22:00', to: '22:01' },
  ],
  caps: [
    { name: 'week', channels: ['email'], most: 10_000, window: { rolling: '7 days' } },
    { name: 'day', most: 10_000, window: { calendar: 'day' } },
  ],
  silence: [{ channels: ['email'], means: 'withheld' }],
  holdout: 0.000001,
}

interface Measured {
  readonly roundTrips: number
  readonly bareRoundTrips: number
  /** Time of an allowed send beside that of a bare ledger write, and its range. */
  readonly ratio: number
  readonly lowest: number
  readonly highest: number
  /** Milliseconds. */
  readonly ours: number
  readonly bare: number
  /** Of ours: reading and deciding and reserving, and settling. */
  readonly reserve: number
  readonly settle: number
}

/** What the contact rules cost an allowed send, in the database. */
export async function rules(): Promise<Record<string, unknown>> {
  const trips = new RoundTrips()
  const result = {
    postgres: await onPostgres((store, client) =>
      compare(store, (text, values) => client.query({ name: nameOf(text), text, values }), trips),
    ),
    pglite: await onEmbedded((store) =>
      compare(store, (text, values) => trips.embedded!.query(text, values), trips),
    ),
  }
  process.stdout.write(
    'database   round trips   bare   time beside bare   lowest..highest   ms    bare ms  reserve  settle\n',
  )
  for (const [name, one] of Object.entries(result)) {
    const { roundTrips, bareRoundTrips, ratio, lowest, highest, ours, bare, reserve, settle } = one
    process.stdout.write(
      `${name.padEnd(10)} ${roundTrips}             ${bareRoundTrips}      ${ratio}               ${lowest}..${highest}       ${ours}  ${bare}  ${reserve}  ${settle}\n`,
    )
  }
  return { benchmark: 'rules', rounds: ROUNDS, sendsARound: SENDS, ...result }
}

type Ask = (text: string, values: unknown[]) => Promise<unknown>

const named = new Map<string, string>()
function nameOf(text: string): string {
  if (!named.has(text)) named.set(text, `bare-${named.size}`)
  return named.get(text)!
}

/** The same sends in turns: by the store with every rule, and as a plain ledger would write them. */
async function compare(store: Store, ask: Ask, trips: RoundTrips): Promise<Measured> {
  await prepare(store, ask)
  const rounds: (Timed & { readonly bare: number })[] = []
  const counts = { ours: 0, bare: 0 }
  for (let round = 0; round < ROUNDS + 1; round++) {
    const bareFirst = round % 2 === 1 ? await bareRound(ask, trips, round, counts) : undefined
    const ours = await ourRound(store, trips, round, counts)
    const bare = bareFirst ?? (await bareRound(ask, trips, round, counts))
    if (round > 0) rounds.push({ ...ours, bare })
  }
  const ratios = rounds.map(({ reserve, settle, bare }) => (reserve + settle) / bare)
  const middle = (of: (round: (typeof rounds)[number]) => number): number =>
    rounded(median(rounds.map(of)) / SENDS, 3)
  return {
    roundTrips: rounded(counts.ours / SENDS / (ROUNDS + 1)),
    bareRoundTrips: rounded(counts.bare / SENDS / (ROUNDS + 1)),
    ratio: rounded(median(ratios)),
    lowest: rounded(Math.min(...ratios)),
    highest: rounded(Math.max(...ratios)),
    ours: middle(({ reserve, settle }) => reserve + settle),
    bare: middle(({ bare }) => bare),
    reserve: middle(({ reserve }) => reserve),
    settle: middle(({ settle }) => settle),
  }
}

async function prepare(store: Store, ask: Ask): Promise<void> {
  const author = { key: 'bench', by: null }
  await store.limits.change({ limits, author, because: 'a benchmark', approval: false })
  await store.partitions.upkeep({})
  for (let number = 0; number < CUSTOMERS; number++) await customerWithAPast(store, `c-${number}`)
  await ask('create table bare_ledger (like touchpoints including defaults)', [])
  await ask('alter table bare_ledger add primary key (id)', [])
  await ask('create index bare_ledger_of_customer on bare_ledger (customer_id, recorded_at)', [])
  await ask('analyze', [])
}

async function customerWithAPast(store: Store, customerId: string): Promise<void> {
  await store.customers.identify(
    customerId,
    { email: `${customerId}@example.com`, timezone: 'Europe/Berlin' },
    1,
  )
  const said = { customerId, channel: 'email', state: 'granted', source: 'bench', occurredAt: 1 } as const
  await store.consents.record([
    { ...said, purpose: 'marketing' },
    { ...said, purpose: 'tips' },
  ])
  for (const journey of ['care', 'shop'])
    await store.enrollments.enter({
      id: enrollmentId(journey, customerId), journey, customerId, build: 'b', enrolledBy: `${journey} ${customerId}`,
      reentry: 'once', now: Date.now(),
    }) // prettier-ignore
  for (let number = 0; number < BEFORE; number++)
    await send(store, customerId, `before-${number}`, Date.now() - number * HOUR)
}

interface Timed {
  readonly reserve: number
  readonly settle: number
}

async function ourRound(
  store: Store,
  trips: RoundTrips,
  round: number,
  counts: { ours: number },
): Promise<Timed> {
  let [reserve, settle] = [0, 0]
  const before = trips.count
  for (let number = 0; number < SENDS; number++) {
    const timed = await send(store, `c-${number}`, `send-${round}`, Date.now())
    reserve += timed.reserve
    settle += timed.settle
  }
  counts.ours += trips.count - before
  return { reserve, settle }
}

const provider: Provider = {
  name: 'smtp',
  channel: 'email',
  idempotent: false,
  address: ({ traits }) => String(traits.email),
  send: async ({ ref }) => ({ is: 'accepted', providerMessageId: ref }),
}

async function send(store: Store, customerId: string, step: string, at: number): Promise<Timed> {
  const request = requestOf(customerId, step, at)
  const asking = { ...request, provider, zones: { deployment: 'UTC' }, worth: { value: 5 } }
  const begun = performance.now()
  const answer = await store.touchpoints.reserve(request, 60_000, (facts, before) =>
    judgment(asking, facts, before),
  )
  if (answer.is !== 'reserved') throw new Error(`not allowed: ${JSON.stringify(answer)}`)
  const reserved = performance.now()
  await store.touchpoints.settle(
    request.id,
    { status: 'sent', providerMessageId: '<1@example>' },
    answer.recordedAt,
  )
  return { reserve: reserved - begun, settle: performance.now() - reserved }
}

function requestOf(customerId: string, step: string, at: number): TouchpointRequest {
  const enrollment = enrollmentId('care', customerId)
  return {
    id: touchpointId(enrollment, 1, step, 1), enrollmentId: enrollment, entry: 1, journey: 'care', customerId, step,
    channel: 'email', message: 'care/tips', category: 'marketing', topic: 'tips', provider: 'smtp', at,
  } // prettier-ignore
}

const insertion = `insert into bare_ledger (id, ref, enrollment_id, entry, journey, customer_id, step, channel, message, category,
  topic, status, provider, attempts, verdicts, at) values ($1, $2, $3, 1, 'care', $4, $5, 'email', 'care/tips', 'marketing',
  'tips', 'sending', 'smtp', 1, '[]', $6) on conflict do nothing returning id`
const settlement = `update bare_ledger set status = 'sent', provider_message_id = $2 where id = $1 and status = 'sending'`

async function bareRound(
  ask: Ask,
  trips: RoundTrips,
  round: number,
  counts: { bare: number },
): Promise<number> {
  const [before, begun] = [trips.count, performance.now()]
  for (let number = 0; number < SENDS; number++) {
    const { id, enrollmentId, customerId, step, at } = requestOf(`c-${number}`, `send-${round}`, Date.now())
    await ask(insertion, [id, id, enrollmentId, customerId, step, at])
    await ask(settlement, [id, '<1@example>'])
  }
  counts.bare += trips.count - before
  return performance.now() - begun
}
