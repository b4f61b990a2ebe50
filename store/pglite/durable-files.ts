import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type Module = Parameters<NodeFS['init']>[1]

/** The part of Emscripten's file system that we complete. */
interface NodeFileSystem {
  readonly stream_ops: { fsync?: (stream: { nfd: number }) => number }
  tryFSOperation<Value>(operation: () => Value): Value
}

/** PGlite's files on disk, with the one operation it lacks: fsync, which Emscripten otherwise answers without doing it. */
export class DurableFiles extends NodeFS {
  override async init(pg: PGlite, options: Module): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options)
    const preRun = [...(emscriptenOpts.preRun ?? []), withFsync] as typeof emscriptenOpts.preRun
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }
}

function withFsync(module: Module): void {
  const files = (module as unknown as { NODEFS: NodeFileSystem }).NODEFS
  files.stream_ops.fsync = ({ nfd }) => {
    files.tryFSOperation(() => fsyncSync(nfd))
    return 0
  }
}

/** PGlite starts Postgres with fsync off (-F); and fdatasync is a call that Emscripten swallows, so fsync it is. */
export const durableStart: string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'],
]

/** Brings a folder with all it holds to the disk. */
export function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) syncTree(path)
    else if (entry.isFile()) sync(path)
  }
  sync(folder)
}

export function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
