import path from 'node:path'
import ts from 'typescript'

const root = path.join(__dirname, '../..')
const file = path.join(__dirname, 'mistakes.ts')

function diagnostics(source: string): string[] {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const host = ts.createCompilerHost({ ...options, noEmit: true })
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, source, target) : read(name, target)
  const program = ts.createProgram([file], { ...options, noEmit: true }, host)
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(
      ({ start, messageText }) =>
        `${source.slice(0, start).split('\n').length}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
}

const source = ts.sys.readFile(file)!

test('every mistake is a compile error, and nothing else is', () => {
  expect(diagnostics(source)).toEqual([])
})

test('each of them, taken alone, is found at its line', () => {
  const expected = source
    .split('\n')
    .flatMap((line, index) => (line.includes('// @ts-expect-error') ? [index + 2] : []))
  const found = diagnostics(source.replaceAll('@ts-expect-error', 'a mistake:')).map((line) =>
    Number(line.split(':')[0]),
  )
  expect(expected.length).toBeGreaterThanOrEqual(16)
  expect(expected.filter((line) => !found.includes(line))).toEqual([])
})
