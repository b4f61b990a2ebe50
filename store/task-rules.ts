import type { Row } from './schema'
import type { TaskChange, TaskChanged, TaskEntry } from './tasking'

type Task = Row<'tasks'>
type Refused = Exclude<TaskChanged['is'], 'changed' | 'unknown'>

/** What a change does to a task: nothing where it is so already, or why it cannot be. */
export type Decided =
  | { readonly is: 'nothing' }
  | { readonly is: Refused }
  | { readonly is: 'done'; readonly patch: Patch; readonly entry: Omit<TaskEntry, 'at'> }

type Patch = Partial<Pick<Task, 'status' | 'agent' | 'queue' | 'outcome'>> & {
  readonly data?: Readonly<Record<string, unknown>>
}

const nothing: Decided = { is: 'nothing' }
const isClosed = ({ status }: Task): boolean => status !== 'open' && status !== 'claimed'
const isAnothers = ({ status, agent }: Task, who: string): boolean => status === 'claimed' && agent !== who

/** Decides on a change of a task that nobody else changes meanwhile. `paused`: its enrollment is. */
export function decideOn(task: Task, change: TaskChange, paused: boolean): Decided {
  switch (change.is) {
    case 'note':
      return done({}, { did: 'noted', by: change.agent, words: change.text })
    case 'claim':
      return claimed(task, change, paused)
    case 'release':
      return released(task, change)
    case 'reassign':
      return reassigned(task, change)
    case 'complete':
      return completed(task, change)
  }
}

type As<Kind extends TaskChange['is']> = Extract<TaskChange, { is: Kind }>

const done = (patch: Patch, entry: Omit<TaskEntry, 'at'>): Decided => ({ is: 'done', patch, entry })

function claimed(task: Task, { agent }: As<'claim'>, paused: boolean): Decided {
  if (isClosed(task)) return { is: 'closed' }
  if (isAnothers(task, agent)) return { is: 'taken' }
  if (task.status === 'claimed') return nothing
  if (paused) return { is: 'paused' }
  return done({ status: 'claimed', agent }, { did: 'claimed', by: agent })
}

function released(task: Task, { agent, supervisor }: As<'release'>): Decided {
  if (isClosed(task)) return { is: 'closed' }
  if (task.status === 'open') return nothing
  if (isAnothers(task, agent) && !supervisor) return { is: 'taken' }
  return done({ status: 'open', agent: null }, { did: 'released', by: agent })
}

function reassigned(task: Task, { by, agent = task.agent, queue = task.queue }: As<'reassign'>): Decided {
  if (isClosed(task)) return { is: 'closed' }
  if (agent === task.agent && queue === task.queue) return nothing
  const status = agent === null ? 'open' : 'claimed'
  const words = `to ${agent ?? 'nobody'} in ${queue}`
  return done({ status, agent, queue }, { did: 'reassigned', by, words })
}

function completed(task: Task, { agent, supervisor, outcome, data }: As<'complete'>): Decided {
  if (task.status === 'done' && task.outcome === outcome && task.agent === agent) return nothing
  if (isClosed(task)) return { is: 'closed' }
  if (isAnothers(task, agent) && !supervisor) return { is: 'taken' }
  if (!task.outcomes.includes(outcome)) return { is: 'no-such-outcome' }
  return done({ status: 'done', agent, outcome, data }, { did: 'done', by: agent, words: outcome })
}
