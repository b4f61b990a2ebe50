import { Line, LineFault, type LineSettings } from './line'

// Many servers cut a connection after 100 messages, and few keep an idle one longer than half a minute.
const MAILS_A_LINE = 100
const IDLE_MS = 10_000

/** Keeps some lines to one mail server open between mails. */
export class Pool {
  #idle: { line: Line; timer: NodeJS.Timeout }[] = []
  #waiting: (() => void)[] = []
  #open = 0

  constructor(
    private readonly settings: LineSettings,
    private readonly size: number,
  ) {}

  /** An idle line, or a new one; waits for one to become free when all are taken. Rejects with LineFault. */
  async take(deadline: number, wanted: 'any' | 'new' = 'any'): Promise<Line> {
    await this.#room(deadline)
    if (wanted === 'new') this.#dropIdle()
    const idle = this.#reuse()
    if (idle) return idle
    try {
      return await Line.open(this.settings, deadline - performance.now())
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** Puts a line that was taken back; one that is spent or broken is ended. */
  give(line: Line): void {
    if (!line.usable || line.sent >= MAILS_A_LINE) {
      line.quit()
    } else {
      const timer = setTimeout(() => this.#drop(line), IDLE_MS)
      timer.unref()
      this.#idle.push({ line, timer })
    }
    this.#release()
  }

  /** Takes a line out for good. */
  discard(line: Line, how: 'quit' | 'close'): void {
    line[how]()
    this.#release()
  }

  close(): void {
    this.#dropIdle()
  }

  async #room(deadline: number): Promise<void> {
    if (this.#open < this.size) {
      this.#open += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const free = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(
        () => {
          this.#waiting = this.#waiting.filter((waiter) => waiter !== free)
          reject(
            new LineFault(Object.assign(new Error('all connections are in use'), { code: 'EBUSY' }), false),
          )
        },
        Math.max(deadline - performance.now(), 0),
      )
      this.#waiting.push(free)
    })
  }

  // A place goes straight to whoever waited longest, so that nobody who comes later takes it.
  #release(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#open -= 1
  }

  #reuse(): Line | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer)
      if (idle.line.usable) return idle.line
    }
    return undefined
  }

  #drop(line: Line): void {
    this.#idle = this.#idle.filter((idle) => idle.line !== line)
    line.quit()
  }

  #dropIdle(): void {
    for (const { line, timer } of this.#idle.splice(0)) {
      clearTimeout(timer)
      line.quit()
    }
  }
}
