import type { Child, Ending } from './child'
import { type Kind, startCompiled } from './compiled'

/** What each says once it serves. */
const up: Record<Kind, string> = { api: 'The API listens', worker: '"running"', dispatcher: '"running"' }

/** The processes of one deployment, by name, each to be killed and started again. */
export class Crew {
  readonly killed: Record<string, number> = {}
  private readonly running = new Map<string, { kind: Kind; dist: string; child: Child }>()

  constructor(
    private readonly dist: string,
    private readonly settings: Record<string, string>,
  ) {}

  get names(): string[] {
    return [...this.running.keys()]
  }

  get pids(): Record<string, number> {
    return Object.fromEntries([...this.running].map(([name, { child }]) => [name, child.pid]))
  }

  start(name: string, kind: Kind, dist = this.dist): void {
    this.running.set(name, { kind, dist, child: startCompiled(dist, kind, this.settings) })
  }

  /** SIGKILL, and at once a new one in its place. */
  async replace(name: string): Promise<void> {
    const { kind, dist } = await this.kill(name)
    this.start(name, kind, dist)
  }

  /** SIGKILL. Resolves with what there was, for whoever starts it again. */
  async kill(name: string): Promise<{ kind: Kind; dist: string }> {
    const { child, ...rest } = this.running.get(name)!
    child.signal('SIGKILL')
    const { signal } = await child.ended
    if (signal !== 'SIGKILL') throw new Error(`${name} had ended by itself: ${child.said}`)
    this.killed[name] = (this.killed[name] ?? 0) + 1
    this.running.delete(name)
    return rest
  }

  /** SIGTERM to one, which must end in order. */
  async end(name: string): Promise<void> {
    const { child } = this.running.get(name)!
    child.signal('SIGTERM')
    const { code } = await child.ended
    if (code !== 0) throw new Error(`${name} did not end in order: ${child.said}`)
    this.running.delete(name)
  }

  async up(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ kind, child }) => child.says(up[kind])))
  }

  /** SIGTERM to all. Resolves with how each ended, and how long the slowest took. */
  async stop(): Promise<{ endings: Record<string, Ending>; ms: number }> {
    const from = Date.now()
    const endings = await Promise.all(
      [...this.running].map(async ([name, { child }]) => {
        child.signal('SIGTERM')
        return [name, await child.ended] as const
      }),
    )
    return { endings: Object.fromEntries(endings), ms: Date.now() - from }
  }
}
