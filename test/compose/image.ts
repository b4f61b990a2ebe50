import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../start/child'
import { textOf } from './compose-file'

/** What an image holds and says, as a folder of this machine. */
export interface Image {
  readonly workdir: string
  readonly environment: Readonly<Record<string, string>>
  readonly user: string
  readonly command: readonly string[]
}

/** A Dockerfile's instructions in order, continued lines joined. */
const instructions = (dockerfile: string): [string, string][] =>
  dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])

/**
 * Does what `docker build` would do after its FROM lines: each instruction of the Dockerfile, each stage in a folder of
 * its own, from what .dockerignore lets through. Only `npm ci` is not run: its result is this checkout's node_modules.
 * Throws on an instruction that it does not know.
 */
export function buildByHand(folder: string): Image {
  chmodSync(folder, 0o755)
  const stages = new Stages(folder)
  for (const [word, rest] of instructions(textOf('Dockerfile'))) stages.follow(word, rest)
  return stages.last
}

interface Stage {
  readonly folder: string
  workdir: string
  user: string
  environment: Record<string, string>
  command: readonly string[]
}

class Stages {
  private readonly all: (Stage & { name: string })[] = []

  constructor(private readonly folder: string) {}

  get last(): Stage {
    return this.all.at(-1)!
  }

  follow(word: string, rest: string): void {
    if (word === 'FROM') this.begin(/ AS (\w+)$/.exec(rest)?.[1] ?? 'final')
    else if (word === 'WORKDIR') mkdirSync((this.last.workdir = this.last.folder + rest), { recursive: true })
    else if (word === 'COPY') this.copy(rest.split(' '))
    else if (word === 'RUN') this.run(rest)
    else if (word === 'ENV') Object.assign(this.last.environment, pairs(rest))
    else if (word === 'USER') this.last.user = rest
    else if (word === 'CMD') this.last.command = JSON.parse(rest)
    else if (word !== 'ARG' && word !== 'EXPOSE') throw new Error(`${word} is not known here`)
  }

  private begin(name: string): void {
    const folder = path.join(this.folder, name)
    this.all.push({ name, folder, workdir: folder, user: 'root', environment: {}, command: [] })
  }

  private copy(words: string[]): void {
    const from = words[0]!.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined
    const to = path.join(this.last.workdir, words.pop()!)
    for (const source of words) {
      if (from) link(path.join(this.all.find(({ name }) => name === from)!.folder, source), to)
      else for (const name of inContext(source)) cpSync(path.join(root, name), path.join(to, name), { recursive: true }) // prettier-ignore
    }
  }

  private run(command: string): void {
    const { workdir, environment } = this.last
    if (command.startsWith('npm ci')) return link(path.join(root, 'node_modules'), `${workdir}/node_modules`)
    const { PATH, HOME } = process.env
    execFileSync('/bin/sh', ['-c', command], { cwd: workdir, env: { PATH, HOME, ...environment } })
  }
}

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(' ').map((pair) => pair.split('=') as [string, string]))

/** What .dockerignore lets through of a COPY's source. It names what is wanted, after a line that leaves all out. */
function inContext(source: string): string[] {
  const [first, ...wanted] = textOf('.dockerignore').split('\n').filter((line) => line && !line.startsWith('#')) // prettier-ignore
  if (first !== '*' || wanted.some((line) => !/^![\w.-]+$/.test(line)))
    throw new Error('.dockerignore: first *, then only !name')
  const names = wanted.map((line) => line.slice(1))
  if (source !== '.' && !names.includes(source)) throw new Error(`.dockerignore leaves out ${source}`)
  return source === '.' ? names : [source]
}

/** Hard links where the file system has them: nothing that is linked is written to, but for npm's own list. */
function link(from: string, to: string): void {
  const target = existsSync(to) && !existsSync(path.join(from, '.package-lock.json')) ? `${to}/` : to
  execFileSync('/bin/sh', ['-c', 'cp -al "$1" "$2" 2>/dev/null || cp -a "$1" "$2"', 'sh', from, target])
  const list = path.join(to, '.package-lock.json')
  if (existsSync(list)) execFileSync('/bin/sh', ['-c', 'cp "$1" "$1.own" && mv "$1.own" "$1"', 'sh', list])
}
