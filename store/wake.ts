/** Tells those who wait for events that some were appended: at once in this process, by `tell` to others. Best effort. */
export interface Wake {
  appended(): void
  /** Calls back from now on. Returns how to stop. */
  listen(wake: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** How other processes are told and heard. */
export interface Neighbours {
  tell(): Promise<void>
  /** Begins to hear them. Returns how to stop. */
  hear(wake: () => void): Promise<() => Promise<void>>
}

const LOCAL_PAUSE_MS = 2
const NEIGHBOURS_PAUSE_MS = 10

export function wakeCalls(neighbours?: Neighbours): Wake {
  const waiting = new Set<() => void>()
  const wakeAll = sparingly(LOCAL_PAUSE_MS, () => waiting.forEach((wake) => wake()))
  const tell = sparingly(NEIGHBOURS_PAUSE_MS, () => void neighbours?.tell().catch(() => undefined))
  let hearing: Promise<() => Promise<void>> | undefined
  return {
    appended() {
      wakeAll.call()
      if (neighbours) tell.call()
    },
    async listen(wake) {
      const own = () => wake()
      waiting.add(own)
      await (hearing ??= neighbours?.hear(wakeAll.call))
      return async () => void waiting.delete(own)
    },
    async close() {
      wakeAll.stop()
      tell.stop()
      waiting.clear()
      await (
        await hearing
      )?.()
    },
  }
}

/** Runs at once, and then once more after the pause however often it was called meanwhile. */
function sparingly(pauseMs: number, run: () => void): { call: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let again = false
  let stopped = false
  const call = () => {
    if (stopped) return
    again = timer !== undefined
    if (again) return
    timer = setTimeout(() => {
      timer = undefined
      if (again) call()
    }, pauseMs)
    run()
  }
  const stop = () => {
    stopped = true
    clearTimeout(timer)
  }
  return { call, stop }
}
