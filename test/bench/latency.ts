import path from 'node:path'
import { Client } from '@temporalio/client'
import { startSource } from '../start/child'
import { deploy, type Deployment } from './deployment'
import { type Caused, type Events, startEvents } from './events'
import { percentile, rounded } from './figures'
import { customerNamed, enroll } from './population'
import { inFolder, type Later } from './scope'
import type { SourceName } from './sources'
import { addressOf, receiptPublicKey } from './sources'

const ENROLLMENTS = 300
const PER_SECOND = 20
const ROUNDS = 6
const SECONDS = 15
const WARM_UP_SECONDS = 5

const bareQueue = 'bare'
const customers = Array.from({ length: ENROLLMENTS }, (_, number) => customerNamed(number))

/**
 * From sending an event to the mail it causes, at a fixed rate over waiting enrollments, through all our processes; beside a
 * bare handler that signals and a bare activity that sends, in turn on the same servers. About five minutes.
 */
export const latency = (source: SourceName = 'event'): Promise<Record<string, unknown>> =>
  inFolder(async (folder, later) => {
    const events = startEvents()
    later(() => events.stop())
    const smtpUrl = await events.mailServer()
    const ours = await deploy(folder, later, { smtpUrl })
    const bareUrl = await startBare(ours, smtpUrl, later)
    await enroll(ours, 0, ENROLLMENTS)
    await startBareWorkflows(ours.temporal)
    const measured = await compare(events, ours, bareUrl, source)
    return report(measured.ours, measured.bare)
  })

const RECEIPT_ROUNDS = 4

/**
 * From sending a provider's receipt to the mail it causes, through all our processes, at the same rate. About three minutes,
 * the building of the processes included.
 */
export const receiptLatency = (): Promise<Record<string, unknown>> =>
  inFolder(async (folder, later) => {
    const events = startEvents()
    later(() => events.stop())
    const settings = { SENDGRID_WEBHOOK_KEY: receiptPublicKey }
    const ours = await deploy(folder, later, { smtpUrl: await events.mailServer(), settings })
    await enroll(ours, 0, ENROLLMENTS)
    const { url, authorization } = ours
    const load = { url, authorization, customers, from: 0, perSecond: PER_SECOND, seconds: SECONDS }
    // So that each has a mail whose receipts can come.
    await events.post({ ...load, source: 'event' })
    const rounds: Caused[] = []
    for (let round = 0; round < RECEIPT_ROUNDS; round++)
      rounds.push(await events.post({ ...load, source: 'receipt' }))
    return receiptReport(rounds)
  })

const AIM_MS = 1_000

function receiptReport(rounds: readonly Caused[]): Record<string, unknown> {
  const mails = rounds.flatMap((caused) => caused.mails)
  const response = percentilesOf(mails)
  const answers = percentilesOf(rounds.flatMap((caused) => caused.answers))
  print('to the mail', response)
  print('to the answer', answers)
  return {
    benchmark: 'receipts',
    samples: mails.length,
    missing: rounds.flatMap(({ missing }) => missing).length,
    perSecond: PER_SECOND,
    ...response,
    withinAim: response.p95 < AIM_MS,
    answers,
  }
}

/** Resolves with the URL of the door. */
async function startBare({ temporalAddress }: Deployment, smtpUrl: string, later: Later): Promise<string> {
  const start = (name: string, ...args: string[]) => {
    const child = startSource(path.join(__dirname, `${name}.ts`), {}, ...args)
    later(async () => (child.signal('SIGKILL'), child.ended))
    return child
  }
  const worker = start('bare-worker-process', temporalAddress, bareQueue, smtpUrl)
  const door = start('bare-door-process', temporalAddress)
  await Promise.all([worker.says('running\n'), door.says('listening ')])
  return `http://127.0.0.1:${/listening (\d+)/.exec(door.said)![1]}`
}

const startBareWorkflows = (temporal: Client): Promise<unknown> =>
  Promise.all(
    customers.map((customer) =>
      temporal.workflow.start('bareAnswering', {
        workflowId: `bareAnswering:${customer}`,
        taskQueue: bareQueue,
        args: [addressOf(customer)],
      }),
    ),
  )

/** The rounds, each way first in every other one. */
async function compare(events: Events, ours: Deployment, bareUrl: string, source: SourceName) {
  const measured = { ours: [] as Caused[], bare: [] as Caused[] }
  for (let round = 0; round <= ROUNDS; round++) {
    const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS
    for (const way of round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
      const caused = await events.post({
        url: way === 'ours' ? ours.url : bareUrl,
        authorization: ours.authorization,
        source,
        customers,
        from: round * PER_SECOND * SECONDS,
        perSecond: PER_SECOND,
        seconds,
      })
      if (round > 0) measured[way].push(caused)
    }
  }
  return measured
}

const shares = { p50: 0.5, p95: 0.95, p99: 0.99 } as const

type Percentiles = Record<keyof typeof shares, number>

const percentilesOf = (values: readonly number[]): Percentiles =>
  Object.fromEntries(
    Object.entries(shares).map(([name, share]) => [name, rounded(percentile(values, share), 1)]),
  ) as Percentiles

function report(ours: readonly Caused[], bare: readonly Caused[]): Record<string, unknown> {
  const all = (measured: readonly Caused[], what: 'mails' | 'answers') =>
    measured.flatMap((caused) => caused[what])
  const ourMails = percentilesOf(all(ours, 'mails'))
  const bareMails = percentilesOf(all(bare, 'mails'))
  const answers = { ours: percentilesOf(all(ours, 'answers')), bare: percentilesOf(all(bare, 'answers')) }
  print('ours, to the mail', ourMails)
  print('bare, to the mail', bareMails)
  print('ours, to the answer', answers.ours)
  print('bare, to the answer', answers.bare)
  return {
    benchmark: 'latency',
    samples: all(ours, 'mails').length,
    missing: [...ours, ...bare].flatMap(({ missing }) => missing).length,
    perSecond: PER_SECOND,
    ...ourMails,
    bareP50: bareMails.p50,
    bareP95: bareMails.p95,
    bareP99: bareMails.p99,
    ratioP95: rounded(ourMails.p95 / bareMails.p95),
    withinAim: ourMails.p95 <= 1.3 * bareMails.p95 + 50,
    answers,
  }
}

const print = (what: string, { p50, p95, p99 }: Percentiles): void =>
  console.log(`${what.padEnd(20)} p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`)
