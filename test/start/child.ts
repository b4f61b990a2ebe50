import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'

export const root = path.join(__dirname, '../..')

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const children = new Set<Child>()

/** For afterAll: whatever a failed test left running, with all it started in its group. */
export async function killAll(): Promise<void> {
  // What goes on behind the scenes may start another meanwhile.
  while (children.size > 0) {
    for (const child of children) child.signalGroup('SIGKILL')
    await Promise.all([...children].map(({ ended }) => ended))
  }
}

/** One process of ours, with these settings and nothing else of this machine's environment that it could read as such. */
export class Child {
  readonly ended: Promise<Ending>
  /** Undefined while it runs. */
  ending: Ending | undefined
  private text = ''
  private readonly process: ChildProcess

  constructor(command: string, args: readonly string[], settings: Record<string, string>) {
    const { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH } = process.env
    // A group of its own, as a terminal gives to a command: Ctrl-C is a signal to the group.
    this.process = spawn(command, args, {
      cwd: root,
      env: { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH, ...settings },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.on('data', (chunk) => (this.text += String(chunk)))
    children.add(this)
    this.ended = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        children.delete(this)
        resolve((this.ending = { code, signal }))
      })
    })
  }

  /** Both output streams so far. */
  get said(): string {
    return this.text
  }

  get pid(): number {
    return this.process.pid!
  }

  /** Resolves once it said this. Rejects when it ended without. */
  async says(words: string): Promise<void> {
    while (!this.text.includes(words)) {
      if (this.ending) throw new Error(`it ended without saying "${words}", but: ${this.text}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** False when nobody of the group is left. */
  signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.pid, signal)
    } catch {
      return false
    }
  }
}

/** A TypeScript source run in one node process, so that a signal meets it and no wrapper. */
export const startSource = (file: string, settings: Record<string, string>, ...args: string[]): Child =>
  new Child(process.execPath, ['--import', 'tsx', file, ...args], settings)
