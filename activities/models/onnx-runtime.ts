/** A model that is loaded. */
export interface Session {
  /** The last number of each row of the output. Rejects when the model takes other inputs. */
  run(rows: readonly (readonly number[])[], output: string | undefined): Promise<number[]>
}

export type Runtime = (file: Uint8Array) => Promise<Session>

/** As much of onnxruntime as is used; the same for -node and -web. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(file: Uint8Array): Promise<OnnxSession>
  }
  readonly Tensor: new (type: 'float32', values: Float32Array, dims: readonly number[]) => unknown
}

interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(
    feeds: Record<string, unknown>,
    fetches: readonly string[],
  ): Promise<Record<string, { readonly data: ArrayLike<number> }>>
}

/** 145 MB and more, so neither is a dependency of ours: whoever has such models installs one. */
const PACKAGES = ['onnxruntime-node', 'onnxruntime-web']

/** The first that is installed. */
export async function installedRuntime(): Promise<Runtime | undefined> {
  for (const name of PACKAGES) {
    const found = await imported(name)
    if (found) return runtimeOver(found)
  }
  return undefined
}

async function imported(name: string): Promise<OnnxRuntime | undefined> {
  try {
    const { default: common, ...named } = (await import(name)) as { default?: OnnxRuntime } & OnnxRuntime
    return named.InferenceSession ? named : common
  } catch (error) {
    if (/NOT_FOUND$/.test((error as { code?: string }).code ?? '')) return undefined
    throw error
  }
}

export const runtimeOver =
  ({ InferenceSession, Tensor }: OnnxRuntime): Runtime =>
  async (file) => {
    const session = await InferenceSession.create(file)
    return {
      async run(rows, output = session.outputNames.at(-1)!) {
        const values = Float32Array.from(rows.flat())
        const tensor = new Tensor('float32', values, [rows.length, rows[0]!.length])
        const found = await session.run({ [session.inputNames[0]!]: tensor }, [output])
        return lastOfEach(found[output]!.data, rows.length)
      },
    }
  }

/** Of a classifier's two chances the second is that of the positive class. */
function lastOfEach(values: ArrayLike<number>, rows: number): number[] {
  const columns = values.length / rows
  return Array.from({ length: rows }, (_, row) => Number(values[(row + 1) * columns - 1]))
}
