import { deciding } from '../../activities/deciding'
import { createModels } from '../../activities/models'
import { createSources } from '../../activities/sources'
import { createChannels } from '../../channels'
import { email, enrollmentId, webhook } from '../../sdk'
import type { DecisionToMake, ProposedArm } from '../../sdk/deciding'
import { firstLimits } from '../../sdk/contact'
import type { Store } from '../../store'
import { onEmbedded, onPostgres } from './databases'
import { median, rounded } from './figures'
import { RoundTrips } from './round-trips'

const CUSTOMERS = 200
/** What each customer got before. */
const TOUCHPOINTS = 200
const ROUNDS = 7
const DAY = 86_400_000

type Ask = (text: string) => Promise<unknown>

interface Measured {
  readonly decisionsBefore: number
  readonly roundTrips: number
  readonly askedRoundTrips: number
  /** Milliseconds a decision: no arm sends anything, and two do. */
  readonly plain: number
  readonly asked: number
  /** Of both, and its range. */
  readonly ratio: number
  readonly lowest: number
  readonly highest: number
}

/** What one decision costs in the database, and what asking the contact rules about its arms adds. */
export async function decidingCosts(): Promise<Record<string, unknown>> {
  const trips = new RoundTrips()
  const result = {
    postgres: await onPostgres((store, client) =>
      compare(store, (text) => client.query(text), trips, 1_000_000),
    ),
    pglite: await onEmbedded((store) => compare(store, (text) => trips.embedded!.query(text), trips, 50_000)),
  }
  process.stdout.write(
    'database   decisions before  round trips  asked  plain ms  asked ms  ratio  lowest..highest\n',
  )
  for (const [name, one] of Object.entries(result))
    process.stdout.write(
      `${name.padEnd(10)} ${one.decisionsBefore}  ${one.roundTrips}  ${one.askedRoundTrips}  ${one.plain}  ${one.asked}  ${one.ratio}  ${one.lowest}..${one.highest}\n`,
    )
  return { benchmark: 'deciding', rounds: ROUNDS, decisionsARound: CUSTOMERS, ...result }
}

/** The same decisions in turns: without and with arms that say what they send. */
async function compare(store: Store, ask: Ask, trips: RoundTrips, before: number): Promise<Measured> {
  await prepare(store, ask, before)
  const decide = decider(store)
  const rounds: { readonly plain: number; readonly asked: number }[] = []
  const counts = { plain: 0, asked: 0 }
  for (let round = 0; round <= ROUNDS; round++) {
    const took = { plain: 0, asked: 0 }
    for (const which of round % 2 ? (['plain', 'asked'] as const) : (['asked', 'plain'] as const)) {
      const [count, begun] = [trips.count, performance.now()]
      for (let number = 0; number < CUSTOMERS; number++)
        await decide(questionOf(`c-${number}`, `${which}-${round}`, arms[which]))
      took[which] = (performance.now() - begun) / CUSTOMERS
      if (round > 0) counts[which] += trips.count - count
    }
    if (round > 0) rounds.push(took)
  }
  const ratios = rounds.map(({ plain, asked }) => asked / plain)
  return {
    decisionsBefore: before,
    roundTrips: rounded(counts.plain / CUSTOMERS / ROUNDS),
    askedRoundTrips: rounded(counts.asked / CUSTOMERS / ROUNDS),
    plain: rounded(median(rounds.map(({ plain }) => plain)), 3),
    asked: rounded(median(rounds.map(({ asked }) => asked)), 3),
    ratio: rounded(median(ratios)),
    lowest: rounded(Math.min(...ratios)),
    highest: rounded(Math.max(...ratios)),
  }
}

function decider(store: Store) {
  const channels = createChannels({
    smtp: { url: 'smtp://127.0.0.1:1', from: 'Bench <bench@example.com>' },
    standardWebhook: {
      allowPrivate: true,
      endpoints: {
        helpdesk: { url: 'https://example.com', secret: 'whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0' },
      },
    },
  })
  return deciding({ store, channels, models: createModels(), sources: createSources() })
}

const told = { category: 'marketing', worth: {} } as const

const arms: Readonly<Record<'plain' | 'asked', readonly ProposedArm[]>> = {
  plain: [{ arm: 'discount' }, { arm: 'call' }, { arm: 'nothing' }],
  asked: [
    { arm: 'discount', sends: { ...told, message: email('care/discount') } },
    { arm: 'call', sends: { ...told, message: webhook('helpdesk', 'care/call') } },
    { arm: 'nothing' },
  ],
}

function questionOf(customerId: string, step: string, offered: readonly ProposedArm[]): DecisionToMake {
  const at = Date.now()
  return {
    enrollmentId: enrollmentId('care', customerId), entry: 1, journey: 'care', customerId, step, occurrence: 1, at,
    closesAt: at + 30 * DAY, arms: offered, passedOver: [], context: { years: 2, plan: 'pro' }, policy: { is: 'thompson' },
    rewardRule: { on: [{ name: 'Renewed', conditions: {}, ofAnyKey: false }] }, otherwise: 'none', keep: false,
  } // prettier-ignore
}

/** Decisions of many customers, and touchpoints of those who are decided for, as a year would leave them. */
async function prepare(store: Store, ask: Ask, before: number): Promise<void> {
  const author = { key: 'bench', by: null }
  const caps = [{ name: 'week', channels: ['email'], most: 10_000, window: { rolling: '7 days' } }] as const
  await store.limits.change({
    limits: { ...firstLimits, caps },
    author,
    because: 'a benchmark',
    approval: false,
  })
  await store.partitions.upkeep({})
  for (let number = 0; number < CUSTOMERS; number++) {
    const customerId = `c-${number}`
    await store.customers.identify(customerId, { email: `${customerId}@example.com` }, 1)
    await store.enrollments.enter({
      id: enrollmentId('care', customerId), journey: 'care', customerId, build: 'b', enrolledBy: customerId,
      reentry: 'once', now: Date.now(),
    }) // prettier-ignore
  }
  await ask(`insert into touchpoints (id, ref, enrollment_id, entry, journey, customer_id, step, channel, message, category, status,
      provider, attempts, verdicts, at, recorded_at)
    select 'past ' || n, 'past ' || n, 'care:c-' || n % ${CUSTOMERS}, 1, 'care', 'c-' || n % ${CUSTOMERS}, 'past', 'email', 'care/tips',
      'marketing', 'sent', 'smtp', 1, '[]', wall_clock() - n * 60000, wall_clock() - n * 60000
    from generate_series(1::bigint, ${CUSTOMERS * TOUCHPOINTS}) as n`)
  await ask(`insert into decisions (id, enrollment_id, entry, journey, step, customer_id, arm, how, propensity, policy, version, learned,
      settings, context, arms, passed_over, reward_rule, at, closes_at, recorded_at, state, position)
    select 'past ' || n, 'care:p-' || n % 20000, 1, 'care', 'past', 'p-' || n % 20000, 'call', 'policy', 0.5, '{"is":"thompson"}', 'v', n,
      0, '{"years":2}', '[{"arm":"call","worth":1,"score":0.1,"propensity":0.5},{"arm":"mail","worth":1,"score":0.1,"propensity":0.5}]',
      '[]', '{"on":[]}', wall_clock() - n * 30000, wall_clock(), wall_clock() - n * 30000, 'closed', n
    from generate_series(1::bigint, ${before}) as n`)
  await ask('analyze')
}
