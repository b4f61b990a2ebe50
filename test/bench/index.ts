import { parseArgs } from 'node:util'
import { arbitration } from './arbitration'
import { backtest } from './backtest'
import { checking } from './check'
import { decidingCosts } from './deciding'
import { decisions } from './decisions'
import { growth } from './growth'
import { ingest } from './ingest'
import { journey } from './journey'
import { latency, receiptLatency } from './latency'
import { memory } from './memory'
import { rules } from './rules'
import { scale } from './scale'
import { sizes } from './sizes'
import { soak } from './soak'

const asked = (number: string | undefined) => (number === undefined ? undefined : Number(number))

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '20' }, sleeping: { type: 'string' } },
})

const benchmarks: Record<string, () => Promise<Record<string, unknown>>> = {
  journey,
  ingest,
  latency: () => latency(),
  receipts: receiptLatency,
  growth: () => growth(asked(flags.sleeping)),
  check: () => checking(asked(flags.sleeping)),
  memory,
  soak: () => soak(Number(flags.minutes)),
  sizes,
  scale,
  arbitration,
  rules,
  backtest,
  decisions,
  deciding: decidingCosts,
}

/** `npm run bench -- journey`: prints a table, and as the last line `RESULT ` with one JSON object. */
async function main(name = ''): Promise<void> {
  const benchmark = benchmarks[name]
  if (!benchmark) throw new Error(`name a benchmark: ${Object.keys(benchmarks).join(', ')}`)
  const result = await benchmark()
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`)
}

main(positionals[0]).then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  },
)
