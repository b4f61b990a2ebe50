import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { lastingPorts } from '../../workers/servers/ports'
import { startCompiled, type Kind } from '../start/compiled'
import { startSource } from '../start/child'
import { dispatchers, sinks, workers } from './plan'
import type { Manners } from './sinks/misbehaviour'
import { OwnProcess, type Target } from './targets'

export interface Place {
  /** Compiled code. */
  readonly dist: string
  /** For what the sinks take, and what the processes say. */
  readonly folder: string
  readonly databaseUrl: string
  readonly temporalAddress: string
  readonly taskQueue: string
}

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** API, dispatchers, workers and sinks: each a process of its own. */
export class Deployment {
  readonly key = 'a-key-of-the-breaking-test'
  readonly mailFile: string
  readonly hookFile: string

  private constructor(
    readonly place: Place,
    readonly url: string,
    readonly processes: readonly OwnProcess[],
  ) {
    this.mailFile = path.join(place.folder, 'mails.jsonl')
    this.hookFile = path.join(place.folder, 'hooks.jsonl')
  }

  /** Resolves when all of it is up. */
  static async start(place: Place, manners: { smtp: Manners; webhooks: Manners }): Promise<Deployment> {
    mkdirSync(place.folder, { recursive: true })
    const [api, smtp, webhooks] = (await lastingPorts(3)) as [number, number, number]
    const processes: OwnProcess[] = []
    const deployment = new Deployment(place, `http://127.0.0.1:${api}`, processes)
    const settings = deployment.settings(api, smtp, webhooks)
    const compiled = (kind: Kind, more: object = {}) => () => startCompiled(place.dist, kind, { ...settings, ...more }) // prettier-ignore
    const sink =
      (kind: 'smtp' | 'webhooks', ...args: string[]) =>
      () =>
        startSource(`test/breaking/sinks/${kind}.ts`, {}, ...args)
    processes.push(
      new OwnProcess('smtp', sink('smtp', String(smtp), deployment.mailFile, JSON.stringify(manners.smtp)), 'takes mail'), // prettier-ignore
      new OwnProcess('webhooks', sink('webhooks', String(webhooks), deployment.hookFile, JSON.stringify(manners.webhooks), secret), 'takes webhooks'), // prettier-ignore
      // The one setting that production refuses: customers' clocks are moved.
      new OwnProcess('api', compiled('api', { NODE_ENV: 'test' }), 'The API listens'),
      ...workers.map((name) => new OwnProcess(name, compiled('worker'), '"running"')),
      ...dispatchers.map((name) => new OwnProcess(name, compiled('dispatcher'), '"running"')),
    )
    // The first to reach the database brings its schema up to date.
    await processes[2]!.revive()
    await Promise.all(processes.filter((_, index) => index !== 2).map((each) => each.revive()))
    return deployment
  }

  target(name: string): Target {
    return this.processes.find((each) => each.name === name)!
  }

  /** Ends all in order. Resolves with those of ours that did not end so, in words. */
  async stop(): Promise<string[]> {
    await Promise.all(this.processes.map((each) => each.stop()))
    for (const { name, said } of this.processes)
      writeFileSync(path.join(this.place.folder, `${name}.log`), said)
    const compiled = this.processes.filter(({ name }) => !sinks.includes(name))
    return compiled.flatMap(({ name, ending, said }) =>
      ending?.code === 0
        ? []
        : [`${name} ended with ${JSON.stringify(ending)}, saying: ${said.slice(-2_000)}`],
    )
  }

  private settings(api: number, smtp: number, webhooks: number): Record<string, string> {
    return {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://journeys.example',
      PORT: String(api),
      DATABASE_URL: this.place.databaseUrl,
      SMTP_URL: `smtp://127.0.0.1:${smtp}`,
      API_KEYS: `admin:test:${createHash('sha256').update(this.key).digest('hex')}`,
      SECRET_KEYS: 'a-secret-that-signs-links-in-tests-only',
      WEBHOOK_ENDPOINTS: JSON.stringify({ helpdesk: { url: `http://127.0.0.1:${webhooks}/`, secret } }),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      TEMPORAL_ADDRESS: this.place.temporalAddress,
      TASK_QUEUE: this.place.taskQueue,
    }
  }
}
