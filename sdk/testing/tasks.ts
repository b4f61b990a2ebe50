import type { TaskDone, TaskEnd } from '../task'
import type { TouchpointToDeliver } from '../touchpoint'

/** A task of a rehearsed customer. */
export interface RehearsedTask {
  readonly id: string
  readonly enrollment: string
  readonly entry: number
  readonly journey: string
  readonly step: string
  readonly queue: string
  readonly outcomes: readonly string[]
  readonly status: 'open' | 'done' | 'expired' | 'moot'
  readonly end?: TaskEnd
}

/** The agents' queues in a rehearsal: nobody works in them but the story. */
export class Tasks {
  private readonly tasks = new Map<string, RehearsedTask>()

  all(): readonly RehearsedTask[] {
    return [...this.tasks.values()]
  }

  open(id: string, { enrollmentId, entry, journey, step, task }: TouchpointToDeliver): void {
    if (!task || this.tasks.has(id)) return
    const { queue, outcomes } = task
    const of = { enrollment: enrollmentId, entry, journey, step }
    this.tasks.set(id, { id, ...of, queue, outcomes, status: 'open' })
  }

  /** An agent closes the open task of a step. Throws for a task or an outcome that there is not. */
  complete(journey: string, step: string, outcome: string, data: Record<string, unknown>): TaskDone {
    const found = this.all().find((one) => one.journey === journey && one.step === step && isOpen(one))
    if (!found) throw new Error(`There is no open task ${step} in ${journey}`)
    const { id: task, outcomes, enrollment, entry, queue } = found
    if (!outcomes.includes(outcome))
      throw new Error(`The task ${step} knows no outcome ${outcome}; it knows ${outcomes.join(', ')}`)
    const word = { outcome, by: 'agent', data }
    this.tasks.set(task, { ...found, status: 'done', end: { is: 'done', ...word } })
    return { ...word, task, enrollment, entry, journey, step, queue }
  }

  expire(id: string): TaskEnd {
    const task = this.tasks.get(id)!
    if (isOpen(task)) this.tasks.set(id, { ...task, status: 'expired' })
    return task.end ?? { is: 'expired' }
  }

  withdraw(concerns: (task: RehearsedTask) => boolean): void {
    for (const task of this.tasks.values())
      if (isOpen(task) && concerns(task)) this.tasks.set(task.id, { ...task, status: 'moot' })
  }
}

const isOpen = ({ status }: RehearsedTask): boolean => status === 'open'
