import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { PostgresPool } from 'kysely'
import { DurableFiles, durableStart, sync, syncTree } from './durable-files'
import { FolderInUse, takeLock } from './lock'
import { pglitePool } from './pool'

const BIGINT = 20
const numbers = { parsers: { [BIGINT]: Number } }

/** Embedded Postgres in memory, gone when closed; `image` is a tar of a data folder (PGlite's dumpDataDir), which saves making one. */
export async function openInMemory(image?: Blob): Promise<PostgresPool> {
  const database = await PGlite.create({ ...numbers, loadDataDir: image })
  return pglitePool(database, () => database.close())
}

/**
 * Embedded Postgres in `dataDir`/pglite, for this process alone: what it acknowledges is on the disk.
 * Throws an Error of one sentence when another process has it, or it cannot be opened.
 */
export async function openOnDisk(dataDir: string): Promise<PostgresPool> {
  const folder = resolve(dataDir, 'pglite')
  const unlock = lock(folder)
  try {
    if (!existsSync(folder)) await make(folder)
    const database = await open(folder)
    return pglitePool(database, () => database.close().finally(unlock))
  } catch (error) {
    unlock()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The embedded database in ${folder} cannot be opened: ${reason}`, { cause: error })
  }
}

function lock(folder: string): () => void {
  try {
    return takeLock(`${folder}.lock`)
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error
    throw new Error(
      `The embedded database in ${folder} is ${error.message}; stop that process, or set DATA_DIR to another folder.`,
    )
  }
}

const open = (folder: string): Promise<PGlite> =>
  PGlite.create({
    ...numbers,
    fs: new DurableFiles(folder),
    startParams: durableStart,
    relaxedDurability: false,
  })

/** Made aside and moved in when complete: a process killed half-way leaves nothing that looks like a database. */
async function make(folder: string): Promise<void> {
  const draft = join(dirname(folder), 'pglite.new')
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  await (await open(draft)).close()
  syncTree(draft)
  renameSync(draft, folder)
  sync(dirname(folder))
}
