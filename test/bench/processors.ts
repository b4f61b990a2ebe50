import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of the processors' time. */
export interface Time {
  readonly node: number
  readonly temporal: number
  readonly postgres: number
}

const TICK_MS = 10

/** What this process and those that it started have taken so far, by /proc. */
export function processorTime(): Time {
  const all = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? (seen(Number(pid)) ?? []) : []))
  const ours = new Set([process.pid])
  // A parent may have a higher number than its child.
  for (let before = 0; before < ours.size;) {
    before = ours.size
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid)
  }
  const time = { node: 0, temporal: 0, postgres: 0 }
  for (const { pid, name, ms } of all) if (ours.has(pid)) time[kindOf(name)] += ms
  return time
}

export const timeBetween = (before: Time, after: Time): Time => ({
  node: after.node - before.node,
  temporal: after.temporal - before.temporal,
  postgres: after.postgres - before.postgres,
})

function kindOf(name: string): keyof Time {
  // Temporal's file is called so.
  if (name === 'server') return 'temporal'
  return name.startsWith('postgres') ? 'postgres' : 'node'
}

/** Undefined when it is gone meanwhile. */
function seen(pid: number) {
  try {
    // proc(5): pid (name) state ppid … utime stime cutime cstime, in ticks; the latter two of children that have ended.
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!
    const fields = rest!.split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { pid, name: name!, parent: Number(fields[1]), ms: ticks * TICK_MS }
  } catch {
    return undefined
  }
}
