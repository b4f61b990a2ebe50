import path from 'node:path'
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker'
import { createTransport } from 'nodemailer'
import { createLogger } from '../../logger'
import { installRuntime, temporalLogger } from '../../workers/runtime'

// node … bare-worker-process.ts <Temporal> <task queue> <SMTP>: runs bareAnswering until it is ended.

export type BareActivities = ReturnType<typeof activitiesOver>

function activitiesOver(smtpUrl: string) {
  const transport = createTransport({ url: smtpUrl, pool: true, maxConnections: 10 } as object)
  return {
    async sendMail(to: string): Promise<void> {
      await transport.sendMail({ from: 'bare@bench.example', to, subject, text, html: `<p>${text}</p>` })
    },
  }
}

const subject = 'Your first project, in three minutes'
const text =
  'Every project begins with a name. Three minutes are enough for the first one; here is how it goes.'

async function main([address, taskQueue, smtpUrl]: string[]): Promise<void> {
  const logger = createLogger('error')
  installRuntime(logger)
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue: taskQueue!,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: path.join(__dirname, 'bare-workflows'),
      logger: temporalLogger(logger),
    }),
    activities: activitiesOver(smtpUrl!),
    // As our worker has it.
    maxCachedWorkflows: 500,
    maxConcurrentWorkflowTaskExecutions: 40,
  })
  const running = worker.run()
  process.stdout.write('running\n')
  await running
}

if (require.main === module) void main(process.argv.slice(2))
