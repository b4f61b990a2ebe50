import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { MessageError, MessageMissing } from './engine'
import { formats, type MessageTemplate } from './formats'

const LOOK_AGAIN_MS = 1_000
const NAME = /^[\w][\w.-]*(\/[\w][\w.-]*)*$/

interface Entry {
  /** The last good one. */
  template?: MessageTemplate
  /** Why what is in the file now cannot be used. */
  fault?: MessageError
  /** Tells one state of the file from another. */
  stamp: string
  lookedAt: number
}

export interface Library {
  /** The template as it is in the folder now, or as it last was when an edit broke it. Throws MessageError. */
  find(channel: string, name: string): MessageTemplate
  /** Every message file of the folder, with its template or what is wrong with it. */
  all(): { file: string; template?: MessageTemplate; fault?: MessageError }[]
}

export interface LibraryOptions {
  /** Told once for each broken edit, in a sentence; the last good text stays in use. */
  readonly onBroken?: (sentence: string) => void
  /** Milliseconds that only grow; for tests. */
  readonly now?: () => number
}

/** The message files of a folder, read again when they change: looked at no more than once a second each. */
export function library(
  folder: string,
  { onBroken = () => {}, now = () => performance.now() }: LibraryOptions = {},
): Library {
  const entries = new Map<string, Entry>()

  function look(file: string, channel: string): Entry {
    const known = entries.get(file)
    if (known && now() - known.lookedAt < LOOK_AGAIN_MS) return known
    const stamp = stampOf(join(folder, file))
    const entry: Entry = known && known.stamp === stamp ? known : read(file, channel, stamp, known?.template)
    entry.lookedAt = now()
    if (stamp !== GONE || entry.template) entries.set(file, entry)
    return entry
  }

  function read(file: string, channel: string, stamp: string, lastGood?: MessageTemplate): Entry {
    try {
      if (stamp === GONE) throw new MessageMissing(`there is no message file ${file}`)
      const source = readFileSync(join(folder, file), 'utf8').replace(/^\uFEFF/, '')
      return { template: formats[channel]!(source, file), stamp, lookedAt: 0 }
    } catch (error) {
      const fault = error instanceof MessageError ? error : new MessageError(`${file} cannot be read`)
      if (lastGood) onBroken(`${fault.message}; the last good text stays in use`)
      return { template: lastGood, fault, stamp, lookedAt: 0 }
    }
  }

  return {
    find(channel, name) {
      const file = fileOf(channel, name)
      const { template, fault } = look(file, channel)
      if (template) return template
      throw fault ?? new MessageMissing(`there is no message file ${file}`)
    },
    all: () => filesIn(folder).map(({ file, channel }) => ({ file, ...pick(look(file, channel)) })),
  }
}

const GONE = 'gone'
const pick = ({ template, fault }: Entry) => ({ template, fault })

/** The file of a message in the folder. Throws MessageError for a name that could lead out of it. */
export function fileOf(channel: string, name: string): string {
  if (!Object.hasOwn(formats, channel))
    throw new MessageError(`there is no message format for the channel ${channel}`)
  if (!NAME.test(name)) throw new MessageError(`"${name}" is not a message name; it reads like care/welcome`)
  return `${name}.${channel}.liquid`
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.ino}` : GONE
}

function filesIn(folder: string): { file: string; channel: string }[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) =>
    path.split(sep).join('/'),
  )
  return paths.sort().flatMap((file) => {
    const channel = /\.([\w-]+)\.liquid$/.exec(file)?.[1]
    return channel && Object.hasOwn(formats, channel) ? [{ file, channel }] : []
  })
}
