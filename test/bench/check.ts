import path from 'node:path'
import { schemas } from '../../catalog/schemas'
import { createLogger } from '../../logger'
import { check } from '../../workers/check'
import { samplesOf } from '../../workers/check/onward/samples'
import { readWorkingCopy } from '../../workers/check/working-copy'
import { deploy, taskQueue } from './deployment'
import { startEvents } from './events'
import { rounded } from './figures'
import { enroll } from './population'
import { inFolder } from './scope'

/** What `npx sojourn check` takes to look at every one of so many sleeping enrollments: reading, replaying and living on. */
export const checking = (sleeping = 10_000): Promise<Record<string, unknown>> =>
  inFolder(async (folder, later) => {
    const events = startEvents()
    later(() => events.stop())
    const deployment = await deploy(folder, later, { smtpUrl: await events.mailServer() })
    await enroll(deployment, 0, sleeping)
    const build = await readWorkingCopy(createLogger('warn'), path.join(__dirname, 'deployed'))
    const graphs = Object.values(build.manifest.journeys).map(({ name, graph }) => [name, graph] as const)
    const began = performance.now()
    const [report] = await check({
      client: deployment.temporal,
      taskQueue,
      build,
      deployed: new Map(graphs),
      samples: samplesOf(schemas),
      progress: (done, all) => {
        if (done % 1_000 === 0) console.log(`${done} of ${all}`)
      },
    })
    const seconds = (performance.now() - began) / 1_000
    const { running, verdict } = report!
    return {
      running,
      verdict,
      seconds: rounded(seconds, 1),
      msEach: rounded((seconds * 1_000) / sleeping, 1),
    }
  })
