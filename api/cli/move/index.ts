import { randomUUID } from 'node:crypto'
import { grouped } from '../../../sdk/grouped'
import { type ApiClient, CallFailed } from '../client'
import { paced } from '../paced'
import { Refused } from '../refused'
import { planOf, whereOf } from './plan'
import { type Heading, type Planned, UndoFile } from './undo-file'

export interface Moving {
  readonly toStage: string
  readonly where: readonly string[]
  /** A second. */
  readonly rate: number
  readonly dryRun: boolean
  readonly undoFile: string
  readonly reason?: string
  readonly by?: string
  /** Told how far it is. */
  readonly progress: (words: string) => void
}

/**
 * Moves all that are meant to a stage, and says what became of them. Cut off, it goes on when it is asked for again with its file.
 * Rejects with Refused.
 */
export async function move(api: ApiClient, journey: string, moving: Moving): Promise<string> {
  const begun = UndoFile.read(moving.undoFile)
  if (begun && !isSame(begun.heading, journey, moving))
    throw new Refused(`${moving.undoFile} is the list of another move; name another file.`)
  if (begun && !moving.dryRun) return carriedOut(api, begun, moving)
  const { toStage, where, reason, by } = moving
  const { planned, there } = await planOf(api, journey, toStage, whereOf(where))
  if (moving.dryRun || planned.length === 0) return wordsOf(planned, there, toStage)
  const heading = { move: randomUUID(), journey, toStage, where, reason, by }
  return carriedOut(api, UndoFile.begin(moving.undoFile, heading, planned), moving)
}

const isSame = (heading: Heading, journey: string, { toStage, where }: Moving): boolean =>
  heading.journey === journey &&
  heading.toStage === toStage &&
  JSON.stringify(heading.where) === JSON.stringify(where)

function wordsOf(planned: readonly Planned[], there: number, toStage: string): string {
  const stages = [...grouped(planned, ({ from }) => from)].map(
    ([from, all]) => `  ${all.length} from ${from}`,
  )
  return [
    `${planned.length} would be moved to ${toStage}${there > 0 ? `; ${there} are in it already` : ''}`,
    ...stages.sort(),
  ].join('\n')
}

async function carriedOut(api: ApiClient, file: UndoFile, { rate, progress }: Moving): Promise<string> {
  const { move: key, toStage, reason, by } = file.heading
  await through(file.open(), rate, progress, async ({ id, entry, from }) => {
    const order = { stage: toStage, from, entry, reason, by }
    file.settle({ id, ...(await ordered(api, id, order, key, { done: 'moved', refused: 'refused' })) })
  })
  return [told(file), `It is undone by: npx sojourn move --undo ${file.path}`].join('\n')
}

/** Moves those back who are still in the stage that a move brought them to. Rejects with Refused. */
export async function undo(
  api: ApiClient,
  path: string,
  { rate, by, progress }: Pick<Moving, 'rate' | 'by' | 'progress'>,
): Promise<string> {
  const file = UndoFile.read(path)
  if (!file) throw new Refused(`There is no file ${path}.`)
  const { move: key, toStage } = file.heading
  await through(file.moved(), rate, progress, async ({ id, entry, from }) => {
    const order = { stage: from, from: toStage, entry, by, reason: 'the move is undone' }
    const words = { done: 'undone', refused: 'not undone' } as const
    file.settle({ id, ...(await ordered(api, id, order, `${key} back`, words)) })
  })
  return told(file)
}

async function through(
  planned: readonly Planned[],
  rate: number,
  progress: Moving['progress'],
  work: (one: Planned) => Promise<void>,
): Promise<void> {
  let done = 0
  await paced(planned, rate, async (one) => {
    await work(one)
    done += 1
    if (done % 100 === 0 || done === planned.length) progress(`${done} of ${planned.length}`)
  })
}

const over = new Set(['ended', 'not-found'])

interface Words<Done, Not> {
  readonly done: Done
  readonly refused: Not
}

/** What became of one order. Rejects with CallFailed when nobody carried it out or refused it. */
async function ordered<Done, Not>(
  api: ApiClient,
  id: string,
  order: object,
  key: string,
  words: Words<Done, Not>,
): Promise<{ is: Done | Not | 'gone'; because?: string }> {
  try {
    await api.post(`/v1/enrollments/${encodeURIComponent(id)}/move`, order, key)
    return { is: words.done }
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    if (error.code !== undefined && over.has(error.code)) return { is: 'gone' }
    if (error.code !== 'not-acceptable-now') throw error
    return { is: words.refused, because: error.detail }
  }
}

const told = (file: UndoFile): string =>
  [...file.tally()].map(([words, count]) => `${count} ${words}`).sort().join('\n') // prettier-ignore
