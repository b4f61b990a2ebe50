import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { delimiter } from 'node:path'
import { buildWithGo } from '../../workers/servers/go-build'
import { findTemporal, isNewEnough, type FinderOptions } from '../../workers/servers/temporal-binary'
import { isTaken, takeLock } from '../../workers/servers/lock'
import { eventually, removeTemporaryFolders, script, temporaryFolder } from './support'

const NEW = 'echo "temporal version 1.9.1 (Server 1.32.1, UI 2.54.1)"'
const OLD = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"'
const GO = `
  mkdir -p "$GOBIN" && printf '#!/bin/sh\\n' > "$GOBIN/server" && chmod +x "$GOBIN/server"`

let root: string
let said: string[]
let downloads: number

beforeEach(() => {
  root = temporaryFolder()
  said = []
  downloads = 0
})
afterEach(removeTemporaryFolders)

const cacheDir = () => join(root, 'cache')
const system = '/usr/bin:/bin'

function find(options: Partial<FinderOptions> = {}, downloaded?: string) {
  const download = async () => {
    downloads += 1
    return downloaded
  }
  const all = {
    cacheDir: cacheDir(),
    searchPath: join(root, 'bin'),
    say: (line: string) => said.push(line),
    ...options,
  }
  return findTemporal(all, { download })
}

test('the CLI named by its path comes first', async () => {
  const named = script(join(root, 'named', 'temporal'), NEW)
  script(join(root, 'bin', 'temporal'), NEW)
  expect(await find({ cliPath: named })).toEqual({ kind: 'cli', path: named })
})

test('one that is too old is passed over with a line, for the one on the search path', async () => {
  const named = script(join(root, 'named', 'temporal'), OLD)
  const onPath = script(join(root, 'bin', 'temporal'), NEW)
  expect(await find({ cliPath: named })).toEqual({ kind: 'cli', path: onPath })
  expect(said).toEqual([
    expect.stringContaining(`${named} is passed over: temporal version 1.5.1 (Server 1.29.1`),
  ])
})

test('a path that names nothing to run is said to be wrong', async () => {
  const cliPath = join(root, 'nothing')
  await expect(find({ cliPath })).rejects.toThrow(`TEMPORAL_CLI_PATH names ${cliPath}, which can't be run`)
})

test('without a CLI the download is tried, then Go', async () => {
  script(join(root, 'bin', 'temporal'), 'exit 1')
  script(join(root, 'bin', 'go'), GO)
  expect(await find({}, '/downloaded/temporal')).toEqual({ kind: 'cli', path: '/downloaded/temporal' })
  const built = await find({ searchPath: [join(root, 'bin'), system].join(delimiter) })
  expect(built).toEqual({
    kind: 'server',
    path: join(cacheDir(), 'temporal-1.32.1', 'server'),
    uiPath: join(cacheDir(), 'temporal-ui-2.54.1', 'server'),
  })
  expect(downloads).toBe(2)
  expect(readdirSync(cacheDir()).sort()).toEqual(['temporal-1.32.1', 'temporal-ui-2.54.1'])
})

test('what an earlier start downloaded or built is taken without asking the network', async () => {
  script(join(root, 'bin', 'go'), GO)
  const searchPath = [join(root, 'bin'), system].join(delimiter)
  await find({ searchPath, withUi: false })
  expect(await find({ searchPath: undefined, withUi: false })).toMatchObject({ kind: 'server' })
  expect(downloads).toBe(1)
  const kept = script(join(cacheDir(), 'temporal-cli-1.9.1', 'temporal'), NEW)
  expect(await find()).toEqual({ kind: 'cli', path: kept })
  expect(downloads).toBe(1)
})

test('a UI that cannot be built is left out with a line', async () => {
  script(join(root, 'bin', 'go'), `case "$2" in *ui-server*) echo no network >&2; exit 1;; esac${GO}`)
  const found = await find({ searchPath: [join(root, 'bin'), system].join(delimiter) })
  expect(found).toEqual({ kind: 'server', path: join(cacheDir(), 'temporal-1.32.1', 'server') })
  expect(said.at(-1)).toBe(
    'going on without the Temporal UI: the Temporal UI could not be built with Go: no network',
  )
})

test('a build that fails is one sentence and leaves nothing', async () => {
  script(join(root, 'bin', 'go'), 'echo "dial tcp: no route" >&2; exit 1')
  const searchPath = [join(root, 'bin'), system].join(delimiter)
  await expect(find({ searchPath })).rejects.toThrow(
    'the Temporal server could not be built with Go: dial tcp: no route',
  )
  expect(readdirSync(cacheDir())).toEqual([])
})

test('where nothing is found, one sentence says how to install it', async () => {
  await expect(find()).rejects.toThrow(
    'no Temporal server was found: install the Temporal CLI 1.9.1 or newer (https://docs.temporal.io/cli), ' +
      'or Go 1.26 or newer (https://go.dev/dl) to have it built, or set TEMPORAL_ADDRESS to a server that runs',
  )
})

test.each([
  ['temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)', true],
  ['temporal version 2.0.0 (Server 2.0.3, UI 3.0.0)', true],
  ['temporal version 1.8.2 (Server 1.31.4, UI 2.49.1)', false],
  ['temporal version 1.32.0', false],
  [undefined, false],
])('%s is new enough: %s', (line, expected) => expect(isNewEnough(line)).toBe(expected))

describe('building', () => {
  const program = () => ({
    name: 'the program',
    takes: 'a moment',
    module: 'example.com/program@v1.0.0',
    folder: join(cacheDir(), 'program-1.0.0'),
    executable: 'server',
  })

  test('two at once build once, the second waits', async () => {
    const count = join(root, 'count')
    const go = script(join(root, 'bin', 'go'), `echo x >> '${count}'; sleep 0.5${GO}`)
    const built = await Promise.all([1, 2].map(() => buildWithGo(go, program(), (line) => said.push(line))))
    expect(built).toEqual([join(program().folder, 'server'), join(program().folder, 'server')])
    expect(said).toEqual(['building the program with Go, a moment'])
  })

  test('what a killed build left is not taken for the program, and removed', async () => {
    const unfinished = `${program().folder}.building-1`
    mkdirSync(unfinished, { recursive: true })
    writeFileSync(join(unfinished, 'server'), 'half')
    const go = script(join(root, 'bin', 'go'), GO)
    await buildWithGo(go, program(), () => {})
    expect(readdirSync(cacheDir())).toEqual(['program-1.0.0'])
  })

  test('a lock left by a dead process is taken over, one of a live process is not', async () => {
    const path = join(root, 'some.lock')
    writeFileSync(path, JSON.stringify({ pid: 1, started: 'long ago' }))
    const lock = takeLock(path)
    if (!isTaken(lock)) throw new Error('the lock should have been taken over')
    expect(takeLock(path)).toEqual({ heldBy: process.pid })
    lock.release()
    expect(existsSync(path)).toBe(false)
    await eventually(() => isTaken(takeLock(path)))
  })
})
