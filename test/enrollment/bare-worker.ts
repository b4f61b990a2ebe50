import { NativeConnection, Worker } from '@temporalio/worker'

// A worker without activities in a process of its own, to be killed: `bare-worker.ts address taskQueue workflows`.
async function main([address, taskQueue, workflows]: string[]): Promise<void> {
  const connection = await NativeConnection.connect({ address: address! })
  const workflowsPath = require.resolve(workflows!)
  const interceptors = { workflowModules: [require.resolve('../../workflows/enrollment/on-time')] }
  const worker = await Worker.create({ connection, taskQueue: taskQueue!, workflowsPath, interceptors })
  process.stdout.write('works\n')
  await worker.run()
}

void main(process.argv.slice(2))
