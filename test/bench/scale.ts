import { rounded } from './figures'

/** What it starts from: a value, and where it comes from. Give your own by `npm run bench -- scale customers=5e6 peak=8`. */
const inputs = {
  customers: [100e6, 'given'],
  journeysAYear: [5, 'given, for each customer'],
  peak: [5, 'assumed: the busiest hour beside the mean of the year'],
  daysOpen: [30, 'assumed: how long an enrollment lasts'],
  eventsEach: [10, 'assumed: events that come in for each enrollment, heard by it or not'],
  heardEach: [2, 'assumed: of these, start or signal an enrollment'],
  sendsEach: [3, 'the reference journey'],
  historyEvents: [15, 'measured: bench journey'],
  historyBytes: [3_412, 'measured: bench journey'],
  actionsEach: [8, 'counted: start, 3 tasks with local activities, signal, 2 timers, 1 search attribute'],
  eventBytes: [569, 'measured: bench sizes'],
  touchpointBytes: [2_440, "measured: bench sizes; most of it the rules' verdicts, which `why` tells"],
  enrollmentBytes: [723, 'measured: bench sizes'],
  customerBytes: [430, 'measured: bench sizes'],
  messageIdBytes: [90, 'measured: bench sizes, the index that a repeat is found by'],
  eventDays: [91, 'assumed: EVENT_RETENTION'],
  touchpointDays: [400, 'assumed: TOUCHPOINT_RETENTION'],
  historyDays: [7, 'assumed: retention of the Temporal namespace'],
  journeysASecond: [
    42,
    'measured: bench journey, two shared cores for Temporal, Postgres and the worker together',
  ],
  singlesASecond: [2_400, 'measured: bench ingest, two cores, batches of 1'],
  handlingMs: [50, 'assumed: to start or signal one enrollment, and mark its event'],
  shardRate: [10, 'assumed: history events a second that one Temporal shard takes'],
  cachedBytes: [301_000, 'measured: bench memory'],
  cachedSeconds: [60, 'assumed: how long a workflow stays cached after it did something'],
  wakesEach: [3, 'the reference journey: start, event, timer'],
  replayMs: [0.93, 'measured: to replay one history event (605 in 0.56 s)'],
  actionPrice: [NaN, 'not known here: for a million actions'],
  storagePrice: [NaN, 'not known here: for a GB and month'],
  corePrice: [NaN, 'not known here: for a core and month'],
} satisfies Record<string, [number, string]>

type Inputs = Record<keyof typeof inputs, number>
type Line = readonly [what: string, value: number, unit: string, formula: string]

const SECONDS_A_YEAR = 365 * 24 * 60 * 60
const GB = 1e9
const LANES = 64
const CUSTOMERS_AT_ONCE = 40

/** Prints what so many customers need, each figure with its formula. */
export async function scale(
  given: readonly string[] = process.argv.slice(3),
): Promise<Record<string, unknown>> {
  const values = { ...defaults(), ...read(given) }
  for (const [name, [, source]] of Object.entries(inputs))
    console.log(`| ${name} | ${shown(values[name as keyof Inputs])} | ${source} |`)
  const lines = compute(values)
  console.log('')
  for (const [what, value, unit, formula] of lines)
    console.log(`| ${what} | ${shown(value)} ${unit} | ${formula} |`)
  return { benchmark: 'scale', ...Object.fromEntries(lines.map(([what, value]) => [what, value])) }
}

const defaults = (): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, [value]]) => [name, value])) as Inputs

function read(given: readonly string[]): Partial<Inputs> {
  return Object.fromEntries(
    given.map((each) => {
      const [name = '', value = ''] = each.split('=')
      if (!(name in inputs) || value === '' || Number.isNaN(Number(value)))
        throw new Error(`${each} is none of: ${Object.keys(inputs).join('=…, ')}=…`)
      return [name, Number(value)]
    }),
  )
}

function compute(input: Inputs): Line[] {
  const enrollments = input.customers * input.journeysAYear
  return [
    ['enrollments a year', enrollments, '', 'customers × journeysAYear'],
    ...temporal(input, enrollments),
    ...database(input, enrollments),
    ...processes(input, enrollments / SECONDS_A_YEAR),
  ]
}

function temporal(input: Inputs, enrollments: number): Line[] {
  const starts = enrollments / SECONDS_A_YEAR
  const open = (enrollments * input.daysOpen) / 365
  const kept = open + (enrollments * input.historyDays) / 365
  const atPeak = starts * input.historyEvents * input.peak
  const actions = (enrollments * input.actionsEach) / 1e6
  return [
    ['starts a second, mean', starts, '', 'enrollments ÷ seconds'],
    ['history events a second, mean', starts * input.historyEvents, '', '× historyEvents'],
    ['history events a second, peak', atPeak, '', '× peak'],
    ['actions a second, mean', starts * input.actionsEach, '', 'starts × actionsEach'],
    ['actions a second, peak', starts * input.actionsEach * input.peak, '', '× peak'],
    ['actions a year', actions, 'million', 'enrollments × actionsEach'],
    ['actions a year, price', actions * input.actionPrice, '', '× actionPrice'],
    ['open enrollments', open, '', 'enrollments × daysOpen ÷ 365'],
    [
      'histories on disk',
      (kept * input.historyBytes) / GB,
      'GB',
      '(open + closed for historyDays) × historyBytes, before indexes and replicas',
    ],
    [
      'history shards',
      4 * 2 ** Math.ceil(Math.log2(atPeak / input.shardRate)),
      '',
      'peak ÷ shardRate, to a power of two, × 4 as it can never be changed',
    ],
  ]
}

function database(input: Inputs, enrollments: number): Line[] {
  const events = enrollments * input.eventsEach
  const touchpoints = enrollments * input.sendsEach
  const week = (events * 7) / 365
  const kept = {
    events: (events * input.eventDays * input.eventBytes) / 365 / GB,
    touchpoints: (touchpoints * input.touchpointDays * input.touchpointBytes) / 365 / GB,
    enrollments: (enrollments * input.enrollmentBytes) / GB,
    customers: (input.customers * input.customerBytes) / GB,
  }
  const total = kept.events + kept.touchpoints + kept.enrollments + kept.customers
  return [
    ['events a year', events / 1e6, 'million', 'enrollments × eventsEach'],
    ['rows in a partition of events', week / 1e6, 'million', '7 days'],
    ['size of a partition of events', (week * input.eventBytes) / GB, 'GB', '× eventBytes'],
    [
      'partitions of events',
      Math.ceil(input.eventDays / 7) + 6,
      '',
      'eventDays ÷ 7, current, 4 ahead, default',
    ],
    ['events on disk', kept.events, 'GB', 'eventDays × eventBytes'],
    [
      'index of messageIds in use',
      (2 * week * input.messageIdBytes) / GB,
      'GB',
      'this week and the last × messageIdBytes',
    ],
    ['touchpoints a year', touchpoints / 1e6, 'million', 'enrollments × sendsEach'],
    ['rows in a partition of touchpoints', (touchpoints * 28) / 365 / 1e6, 'million', '28 days'],
    [
      'size of a partition of touchpoints',
      (touchpoints * 28 * input.touchpointBytes) / 365 / GB,
      'GB',
      '× touchpointBytes',
    ],
    [
      'partitions of touchpoints',
      Math.ceil(input.touchpointDays / 28) + 4,
      '',
      'touchpointDays ÷ 28, current, 2 ahead, default',
    ],
    ['touchpoints on disk', kept.touchpoints, 'GB', 'touchpointDays × touchpointBytes'],
    ['enrollments on disk, more each year', kept.enrollments, 'GB', '× enrollmentBytes; nothing drops them'],
    ['customers on disk', kept.customers, 'GB', '× customerBytes'],
    [
      'storage a year, price',
      total * 12 * input.storagePrice,
      '',
      'all of the above after a year × 12 × storagePrice',
    ],
  ]
}

function processes(input: Inputs, starts: number): Line[] {
  const events = starts * input.eventsEach * input.peak
  const heard = starts * input.heardEach * input.peak
  const oneDispatcher = CUSTOMERS_AT_ONCE / (input.handlingMs / 1000)
  const machines = (starts * input.peak) / input.journeysASecond
  const wakes = starts * input.wakesEach * input.peak
  return [
    ['events a second, mean', starts * input.eventsEach, '', 'starts × eventsEach'],
    ['events a second, peak', events, '', '× peak'],
    [
      'api processes',
      Math.ceil(events / input.singlesASecond) + 1,
      '',
      'peak ÷ singlesASecond, and one to spare',
    ],
    ['events to hand out a second, peak', heard, '', 'starts × heardEach × peak'],
    ['one dispatcher, a second', oneDispatcher, '', `${CUSTOMERS_AT_ONCE} customers at once ÷ handlingMs`],
    ['dispatchers', Math.ceil(heard / oneDispatcher) + 1, '', 'and one to spare'],
    [
      'most that the lanes allow, a second',
      LANES * oneDispatcher,
      '',
      `${LANES} lanes, a dispatcher on each`,
    ],
    ['touchpoints a second, peak', starts * input.sendsEach * input.peak, '', 'starts × sendsEach × peak'],
    [
      'cores for workers, Temporal and Postgres, peak',
      Math.ceil(2 * machines),
      '',
      '2 × journeys a second at peak ÷ journeysASecond',
    ],
    ['cores a year, price', Math.ceil(2 * machines) * 12 * input.corePrice, '', '× 12 × corePrice'],
    [
      'cached workflows',
      (wakes * input.cachedSeconds * input.cachedBytes) / GB,
      'GB',
      'starts × wakesEach × peak × cachedSeconds × cachedBytes',
    ],
    [
      'cores that replay the others, peak',
      (wakes * input.historyEvents * input.replayMs) / 1000,
      '',
      'starts × wakesEach × peak × historyEvents × replayMs, at most: the whole history each time',
    ],
  ]
}

const shown = (value: number): string =>
  Number.isNaN(value) ? '?' : rounded(value, value < 100 ? 2 : 0).toLocaleString('en-GB')
