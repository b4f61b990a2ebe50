import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModels, type Question } from '../../activities/models'
import { installedRuntime, runtimeOver } from '../../activities/models/onnx-runtime'
import { model } from '../../sdk'
import { onnxRuntimeDouble, type OnnxRuntimeDouble } from '../doubles/onnxruntime'

let onnxruntime: OnnxRuntimeDouble
let folder: string
beforeEach(() => {
  onnxruntime = onnxRuntimeDouble()
  folder = mkdtempSync(join(tmpdir(), 'models-'))
  write([1, 0.5, 2, -1, 0.25])
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (weights: number[]) => writeFileSync(join(folder, 'churn.onnx'), JSON.stringify({ weights }))
const models = () => createModels({ files: folder, runtime: async () => runtimeOver(onnxruntime) })

const churn = model({
  onnx: 'churn.onnx',
  inputs: { years: 'number', pro: 'boolean', arm: ['discount', 'call'], dear: 'number' },
  timeoutMs: 3_000,
})
const question: Question = {
  customerId: 'mira',
  journey: 'care',
  step: 'offer',
  arms: [
    { arm: 'discount', features: { dear: 2 } },
    { arm: 'call', features: { dear: 4 } },
    { arm: 'nothing', features: { dear: 0 } },
  ],
  context: { years: 1.5, pro: true },
}
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))

test('a row for each arm: its name, its features and the context, in the declared order', async () => {
  const found = await models().score(churn, question)
  expect(found).toMatchObject({ is: 'scored', version: expect.stringMatching(/^[0-9a-f]{12}$/) })
  const { scores } = found as { scores: Record<string, number> }
  expect(scores.discount).toBeCloseTo(sigmoid(1.5 + 0.5 + 2 + 0.5), 6)
  expect(scores.call).toBeCloseTo(sigmoid(1.5 + 0.5 - 1 + 1), 6)
  expect(scores.nothing).toBeCloseTo(sigmoid(1.5 + 0.5), 6)
})

test('another output by its name', async () => {
  const labels = model({
    onnx: 'churn.onnx',
    inputs: churn.is === 'file' ? churn.inputs : {},
    output: 'label',
  })
  expect(await models().score(labels, question)).toMatchObject({
    scores: { discount: 1, call: 1, nothing: 1 },
  })
})

test('a file is loaded once, and again when it is another; the version says which', async () => {
  const of = models()
  const [first, same] = [await of.score(churn, question), await of.score(churn, question)]
  expect([first, onnxruntime.loaded]).toEqual([same, 1])
  write([-1, 0, 0, 0, 0])
  utimesSync(join(folder, 'churn.onnx'), 1, 1)
  const other = (await of.score(churn, question)) as { version: string; scores: Record<string, number> }
  expect(other.scores.call).toBeCloseTo(sigmoid(-1.5), 6)
  expect(other.version).not.toBe((first as { version: string }).version)
})

test('what is not known is none of a text’s values, false as a boolean, and as a number a reason to fall back', async () => {
  const { years: _, ...without } = question.context
  expect(await models().score(churn, { ...question, context: without })).toEqual({
    is: 'unscored',
    because: 'no-input',
    detail: 'the context has no number years',
  })
  const found = await models().score(churn, { ...question, context: { years: 0, pro: 'yes' } })
  expect((found as { scores: Record<string, number> }).scores.nothing).toBe(0.5)
})

test('a file that is not there, that cannot be run, and one of another shape stop nothing', async () => {
  const of = models()
  const nowhere = model({ onnx: 'other/churn.onnx', inputs: {} })
  expect(await of.score(nowhere, question)).toMatchObject({ because: 'refused', detail: 'ENOENT' })
  const shapeless = model({ onnx: 'churn.onnx', inputs: { years: 'number' } })
  expect(await of.score(shapeless, question)).toMatchObject({ because: 'refused', detail: 'RangeError' })
  onnxruntime.failing = true
  expect(await of.score(churn, question)).toEqual({ is: 'unscored', because: 'refused', detail: 'TypeError' })
  writeFileSync(join(folder, 'churn.onnx'), '<html>')
  expect(await of.score(churn, question)).toMatchObject({ because: 'refused', detail: 'SyntaxError' })
})

test('without a runtime the decision falls back, and says what to install', async () => {
  expect(await installedRuntime()).toBeUndefined()
  expect(await createModels({ files: folder }).score(churn, question)).toEqual({
    is: 'unscored',
    because: 'not-installed',
    detail: 'install onnxruntime-web or onnxruntime-node beside Sojourn',
  })
})

test.each(['../churn.onnx', '/etc/churn.onnx', 'a/../../churn.onnx', 'churn', '.hidden.onnx'])(
  '%s is no file of the folder',
  (onnx) => expect(() => model({ onnx, inputs: {} })).toThrow(RangeError),
)
