import { arbitration } from './arbitration'
import { ingest } from './ingest'
import { journey } from './journey'

const benchmarks: Record<string, () => Promise<Record<string, unknown>>> = { journey, ingest, arbitration }

/** `npm run bench -- journey`: prints a table, and as the last line `RESULT ` with one JSON object. */
async function main(name = ''): Promise<void> {
  const benchmark = benchmarks[name]
  if (!benchmark) throw new Error(`name a benchmark: ${Object.keys(benchmarks).join(', ')}`)
  const result = await benchmark()
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`)
}

main(process.argv[2]).then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  },
)
