import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { FileModel } from '../../sdk/model'
import { checked, unscored, type Answer, type Question } from './answer'
import { rowsFor } from './inputs'
import type { Runtime, Session } from './onnx-runtime'

interface Loaded {
  readonly session: Session
  /** A hash of the file. */
  readonly version: string
}

interface Kept {
  readonly stamp: string
  readonly loading: Promise<Loaded>
}

/** Runs models that are files: each is loaded once, and again when the file changes. */
export class FileModels {
  private readonly kept = new Map<string, Kept>()

  constructor(
    private readonly folder: string,
    /** Undefined: none is installed. */
    private readonly runtime: () => Promise<Runtime | undefined>,
  ) {}

  /** Never rejects. The first decision may find it not loaded yet, and too slow. */
  async score(model: FileModel, question: Question): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => resolve(unscored('too-slow')), model.timeoutMs)
    })
    try {
      return await Promise.race([this.run(model, question), late])
    } catch (error) {
      return unscored('refused', (error as { code?: string }).code ?? (error as Error).name)
    } finally {
      clearTimeout(timer)
    }
  }

  private async run(model: FileModel, question: Question): Promise<Answer> {
    const runtime = await this.runtime()
    if (!runtime)
      return unscored('not-installed', 'install onnxruntime-web or onnxruntime-node beside Sojourn')
    const rows = rowsFor(model.inputs, question)
    if (typeof rows === 'string') return unscored('no-input', `the context has no number ${rows}`)
    const { session, version } = await this.loaded(model.onnx, runtime)
    const numbers = await session.run(rows, model.output)
    if (numbers.length !== question.arms.length) return unscored('not-understood')
    const scores = Object.fromEntries(question.arms.map(({ arm }, at) => [arm, numbers[at]]))
    return checked(question, model.says, scores, version)
  }

  private async loaded(name: string, runtime: Runtime): Promise<Loaded> {
    const file = path.join(this.folder, name)
    const { mtimeMs, size } = await stat(file)
    const stamp = `${mtimeMs} ${size}`
    const known = this.kept.get(name)
    if (known?.stamp === stamp) return known.loading
    const loading = load(file, runtime)
    this.kept.set(name, { stamp, loading })
    loading.catch(() => this.kept.delete(name))
    return loading
  }
}

async function load(file: string, runtime: Runtime): Promise<Loaded> {
  const bytes = await readFile(file)
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  return { session: await runtime(bytes), version }
}
