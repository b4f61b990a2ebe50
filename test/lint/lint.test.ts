import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

interface Message {
  readonly ruleId: string
  readonly messageId: string
  readonly line: number
  readonly message: string
}

const fixtures = join(__dirname, 'fixtures')
const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
)
const found = new Map<string, Message[]>()
let messageIds: string[]

beforeAll(() => {
  const printed = execFileSync(process.execPath, [join(__dirname, 'eslint-on-fixtures.mjs')], {
    encoding: 'utf8',
  })
  const answer = JSON.parse(printed)
  messageIds = answer.messageIds
  for (const { filePath, messages } of answer.results) found.set(relative(fixtures, filePath), messages)
})

interface Fault {
  readonly line: number
  readonly message: string
}

/** A comment `// wrong: …` is a part of a message about the next line of code. */
function shownIn(file: string): Fault[] {
  const lines = readFileSync(join(fixtures, file), 'utf8').split('\n')
  return lines.flatMap((text, at) => {
    const message = /^\s*\/\/ wrong: (.*)$/.exec(text)?.[1]
    const code = lines.findIndex((next, index) => index > at && !/^\s*\/\//.test(next))
    return message === undefined ? [] : [{ line: code + 1, message }]
  })
}

const inWords = (faults: Fault[]) => faults.map(({ line, message }) => `${line}: ${message}`).sort()

test.each(files)('%s has the faults that it shows, and no others', (file) => {
  const shown = shownIn(file)
  const asShown = (fault: Fault) =>
    shown.find(({ line, message }) => line === fault.line && fault.message.includes(message)) ?? fault
  expect(inWords(found.get(file)!.map(asShown))).toEqual(inWords(shown))
})

test('every message of our own rules is shown by a fixture', () => {
  const reported = new Set(
    [...found.values()].flat().map(({ ruleId, messageId }) => `${ruleId} ${messageId}`),
  )
  expect(messageIds.filter((id) => !reported.has(id))).toEqual([])
})

test.each(['sdk', 'catalog', 'workflows', 'channels', 'store', 'activities', 'workers', 'api'])(
  'an import that %s may not have is shown by a fixture',
  (folder) => {
    const inside = [...found]
      .filter(([file]) => file.split(sep)[0] === folder)
      .flatMap(([, messages]) => messages)
    expect(inside.some(({ ruleId }) => ruleId === 'sojourn/imports')).toBe(true)
  },
)
