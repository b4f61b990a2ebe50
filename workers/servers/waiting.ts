import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 75

/** Polls until `check` says true; false when `withinMs` passed before. A check that throws counts as not yet. */
export async function waitUntil(check: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  for (;;) {
    if (await attempt(check)) return true
    if (Date.now() > deadline) return false
    await sleep(POLL_MS)
  }
}

/** Runs `work`, saying `doing` and the seconds so far every 15 s, so that a long wait doesn't look like a hang. */
export async function withProgress<T>(
  say: (line: string) => void,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = Date.now()
  const timer = setInterval(
    () => say(`${doing}, ${Math.round((Date.now() - started) / 1000)} s so far`),
    15_000,
  )
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

async function attempt(check: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await check()
  } catch {
    return false
  }
}
