import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { interruption } from '../support/interruption'

/** Has something closed at the end; the last comes first. */
export type Later = (close: () => Promise<unknown>) => void

/** Works in a folder of its own, which is gone afterwards, with all that was opened in it closed; also when it is interrupted. */
export async function inFolder<Value>(
  work: (folder: string, later: Later) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sojourn-bench-'))
  const closers = [(): Promise<unknown> => rm(folder, { recursive: true, force: true })]
  try {
    return await Promise.race([work(folder, (close) => void closers.unshift(close)), interruption()])
  } finally {
    for (const close of closers) await close()
  }
}
