import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Has something closed at the end; the last comes first. */
export type Later = (close: () => Promise<unknown>) => void

/** Works in a folder of its own, which is gone afterwards, with all that was opened in it closed. */
export async function inFolder<Value>(
  work: (folder: string, later: Later) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sojourn-bench-'))
  const closers = [(): Promise<unknown> => rm(folder, { recursive: true, force: true })]
  try {
    return await work(folder, (close) => void closers.unshift(close))
  } finally {
    for (const close of closers) await close()
  }
}
