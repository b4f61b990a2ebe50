/** Counters of this process, in the Prometheus text form. */
export interface Metrics {
  /** Adds to a counter. Labels must come from a small set: routes, statuses, kinds. */
  count(name: Counter, labels?: Labels, by?: number): void
  text(gauges: readonly Gauge[]): string
}

type Labels = Readonly<Record<string, string | number>>
type Counter = keyof typeof counters
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: number | readonly { readonly labels: Labels; readonly value: number }[]
}

const counters = {
  sojourn_http_requests_total: 'Requests answered, by route and status',
  sojourn_http_request_seconds_total: 'Time spent answering, by route',
  sojourn_receipts_accepted_total: 'New receipts stored, by provider',
  sojourn_receipts_refused_total: 'Requests for receipts whose signature was wrong, by provider',
  sojourn_events_accepted_total: 'Events received and stored, repeats included, by kind',
} as const

export function createMetrics(): Metrics {
  const values = new Map<Counter, Map<string, number>>()
  return {
    count(name, labels = {}, by = 1) {
      const series = values.get(name) ?? new Map<string, number>()
      const key = labelText(labels)
      values.set(name, series.set(key, (series.get(key) ?? 0) + by))
    },
    text: (gauges) =>
      [
        ...[...values].flatMap(([name, series]) => counterLines(name, series)),
        ...[...gauges, ...processGauges()].flatMap(gaugeLines),
        '',
      ].join('\n'),
  }
}

const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

const escaped = (value: string) => value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')

const counterLines = (name: Counter, series: ReadonlyMap<string, number>): string[] => [
  `# HELP ${name} ${counters[name]}`,
  `# TYPE ${name} counter`,
  ...[...series].map(([labels, value]) => `${name}${labels} ${value}`),
]

function gaugeLines({ name, help, value }: Gauge): string[] {
  const series = typeof value === 'number' ? [{ labels: {}, value }] : value
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...series.map((each) => `${name}${labelText(each.labels)} ${each.value}`),
  ]
}

function processGauges(): Gauge[] {
  const { user, system } = process.cpuUsage()
  return [
    { name: 'process_resident_memory_bytes', help: 'Resident memory', value: process.memoryUsage.rss() },
    { name: 'process_cpu_seconds', help: 'CPU time used', value: (user + system) / 1e6 },
    {
      name: 'process_start_time_seconds',
      help: 'Start of the process',
      value: Math.round(Date.now() / 1000 - process.uptime()),
    },
  ]
}
