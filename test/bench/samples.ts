import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds at one moment. */
export interface Sample {
  /** Seconds since the sampling began. */
  readonly at: number
  /** Resident memory, MB. */
  readonly memory: number
  /** Open files, sockets and the like. */
  readonly handles: number
}

export interface Sampling {
  /** Ends it. Resolves with the samples by process, oldest first. */
  stop(): Record<string, Sample[]>
}

/** Looks at processes every few seconds, through /proc. */
export function sample(pids: Readonly<Record<string, number>>, everyMs: number): Sampling {
  const began = performance.now()
  const samples: Record<string, Sample[]> = Object.fromEntries(Object.keys(pids).map((name) => [name, []]))
  const look = (): void => {
    const at = (performance.now() - began) / 1_000
    for (const [name, pid] of Object.entries(pids))
      samples[name]!.push({ at, memory: memoryOf(pid), handles: readdirSync(`/proc/${pid}/fd`).length })
  }
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
      return samples
    },
  }
}

/** Resident memory of a process, MB. */
export function memoryOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** Slope of the line of least squares, per hour. */
export function slopePerHour(points: readonly (readonly [seconds: number, value: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [atMean, valueMean] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const covariance = mean(points.map(([at, value]) => (at - atMean) * (value - valueMean)))
  return (covariance / mean(points.map(([at]) => (at - atMean) ** 2))) * 3_600
}
