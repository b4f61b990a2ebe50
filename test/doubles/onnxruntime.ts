import { type OnnxRuntime } from '../../activities/models/onnx-runtime'

/**
 * onnxruntime, which is not installed here. Its "file" is JSON: weights of a logistic regression with two outputs, of which
 * `probabilities` has a column for each class, as scikit-learn exports it.
 */
export interface OnnxRuntimeDouble extends OnnxRuntime {
  loaded: number
  failing: boolean
}

class Tensor {
  constructor(
    readonly type: string,
    readonly data: Float32Array,
    readonly dims: readonly number[],
  ) {}
}

export function onnxRuntimeDouble(): OnnxRuntimeDouble {
  const double: OnnxRuntimeDouble = {
    loaded: 0,
    failing: false,
    Tensor,
    InferenceSession: {
      async create(file) {
        double.loaded += 1
        const { weights } = JSON.parse(Buffer.from(file).toString()) as { weights: number[] }
        return {
          inputNames: ['X'],
          outputNames: ['label', 'probabilities'],
          async run(feeds) {
            const { data, dims } = feeds.X as Tensor
            if (double.failing) throw new TypeError('a secret value')
            if (dims[1] !== weights.length) throw new RangeError('another shape')
            const chances = Array.from({ length: dims[0]! }, (_, row) => chanceOf(data, weights, row))
            return {
              label: { data: chances.map(Math.round) },
              probabilities: { data: chances.flatMap((chance) => [1 - chance, chance]) },
            }
          },
        }
      },
    },
  }
  return double
}

function chanceOf(data: Float32Array, weights: readonly number[], row: number): number {
  const sum = weights.reduce((total, weight, at) => total + weight * data[row * weights.length + at]!, 0)
  return 1 / (1 + Math.exp(-sum))
}
