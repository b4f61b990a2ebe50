import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Rehearsable } from '../../../sdk/testing'
import { Refused } from '../refused'

const run = promisify(execFile)

/** A journey as the source in this folder has it. Rejects with Refused. */
export async function journeyIn(folder: string, name: string): Promise<Rehearsable> {
  const file = path.join(folder, 'workflows', 'journeys', 'index.ts')
  if (!existsSync(file)) throw new Refused(`There are no journeys in ${folder}: run it in a working copy.`)
  const journeys = await load(file)
  const journey = journeys[name] as Partial<Rehearsable> | undefined
  if (!journey)
    throw new Refused(`There is no journey ${name}; there are ${Object.keys(journeys).join(', ')}.`)
  if (!journey.on) throw new Refused(`${name} is of a version that cannot be lived again: it is too old.`)
  return journey as Rehearsable
}

/** The same, as it was at a commit, branch or tag of the repository in this folder. */
export async function journeyAt(folder: string, ref: string, name: string): Promise<Rehearsable> {
  const old = await mkdtemp(path.join(os.tmpdir(), 'sojourn-backtest-'))
  try {
    await extract(folder, ref, old)
    await symlink(path.join(folder, 'node_modules'), path.join(old, 'node_modules'), 'dir')
    return await journeyIn(old, name)
  } finally {
    await rm(old, { recursive: true, force: true })
  }
}

/** What a journey is made of; the rest of the repository stays as it is. */
const SOURCES = ['package.json', 'tsconfig.json', 'sdk', 'catalog', 'workflows']

async function extract(folder: string, ref: string, to: string): Promise<void> {
  const tar = path.join(to, 'sources.tar')
  // A ref that begins with a dash would be an option of git's.
  const commit = await git(folder, 'rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`)
  await git(folder, 'archive', `--output=${tar}`, commit, ...SOURCES)
  await run('tar', ['-xf', tar, '-C', to])
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run('git', ['-C', folder, ...args])).stdout.trim()
  } catch (error) {
    throw new Refused(`git could not read that version: ${(error as { stderr?: string }).stderr?.trim()}`)
  }
}

/** Each file anew and apart from our own modules, so that two versions do not meet. */
async function load(file: string): Promise<Record<string, unknown>> {
  const { require: apart } = await import('tsx/cjs/api').catch(() => {
    throw new Refused('Journeys are read from their source, which needs tsx: npm install')
  })
  return apart(file, __filename) as Record<string, unknown>
}
