import { MessageError, piece, type Piece, type VariableUse } from './engine'

/** A file of lines `name: value`, and of a text below the line `--- text`. */
export interface Headed {
  /** The names there are, in their order. */
  readonly names: readonly string[]
  /** On one line; empty where there is none. */
  field(name: string, scope: object): string
  /** Whether there is a line `--- text`. */
  readonly hasText: boolean
  /** Empty where there is none. */
  text(scope: object): string
  readonly variables: readonly VariableUse[]
}

const TEXT = /^--- *text *$/

/** Throws MessageError for lines that are none of these. */
export function headed(source: string, file: string): Headed {
  const lines = source.split(/\r?\n/)
  const end = lines.findIndex((line) => TEXT.test(line))
  const fields = fieldsIn(end < 0 ? lines : lines.slice(0, end), file)
  const text = end < 0 ? undefined : piece(lines.slice(end + 1).join('\n'), 'none', { file, offset: end + 1 })
  const pieces = [...fields.values(), ...(text ? [text] : [])]
  return {
    names: [...fields.keys()],
    field: (name, scope) => oneLine(fields.get(name)?.render(scope) ?? ''),
    hasText: text !== undefined,
    text: (scope) => text?.render(scope).trim() ?? '',
    variables: pieces.flatMap(({ variables }) => variables),
  }
}

function fieldsIn(lines: readonly string[], file: string): Map<string, Piece> {
  const fields = new Map<string, Piece>()
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const [, name, value] = /^(\w+): *(.*)$/.exec(line) ?? []
    if (name === undefined) throw new MessageError(`${file}, line ${index + 1}: it must read "name: value"`)
    if (fields.has(name)) throw new MessageError(`${file}, line ${index + 1}: a second ${name}`)
    fields.set(name, piece(value!, 'none', { file, offset: index }))
  }
  return fields
}

export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()

/** Throws MessageError with the sentence for what is blank. */
export function filled(text: string, otherwise: string): string {
  if (text.trim() === '') throw new MessageError(otherwise)
  return text
}

/** Throws MessageError for a field that the channel does not know. */
export function fieldsAre({ names }: Headed, known: readonly string[], file: string): void {
  const strange = names.find((name) => !known.includes(name))
  if (strange !== undefined)
    throw new MessageError(`${file}: there is no field ${strange}, only ${known.join(' and ')}`)
}
