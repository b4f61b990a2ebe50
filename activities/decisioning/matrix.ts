/** Rows of numbers; symmetric matrices are kept whole. */
export type Matrix = number[][]

export const identity = (size: number, value = 1): Matrix =>
  Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, at) => (row === at ? value : 0)))

export const dot = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, at) => sum + value * other[at]!, 0)

export const times = (matrix: Matrix, vector: readonly number[]): number[] =>
  matrix.map((row) => dot(row, vector))

/**
 * The lower triangle L with L Lᵀ = matrix, which is symmetric and has no negative eigenvalue. A pivot that rounding took to
 * 0 or below leaves its column empty.
 */
export function cholesky(matrix: Matrix): Matrix {
  const lower = identity(matrix.length, 0)
  for (let row = 0; row < matrix.length; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row]![column]!
      for (let k = 0; k < column; k++) rest -= lower[row]![k]! * lower[column]![k]!
      const pivot = lower[column]![column]!
      lower[row]![column] = row === column ? Math.sqrt(Math.max(rest, 0)) : pivot > 0 ? rest / pivot : 0
    }
  }
  return lower
}

/** The inverse of a symmetric positive definite matrix. */
export function inverseOf(matrix: Matrix): Matrix {
  const lower = cholesky(matrix)
  const columns = identity(matrix.length).map((unit) => backward(lower, forward(lower, unit)))
  return columns.map((column, row) => column.map((value, at) => (value + columns[at]![row]!) / 2))
}

function forward(lower: Matrix, right: readonly number[]): number[] {
  const solved: number[] = []
  for (const [row, values] of lower.entries()) {
    let rest = right[row]!
    for (let k = 0; k < row; k++) rest -= values[k]! * solved[k]!
    solved.push(rest / values[row]!)
  }
  return solved
}

function backward(lower: Matrix, right: readonly number[]): number[] {
  const solved = [...right]
  for (let row = lower.length - 1; row >= 0; row--) {
    for (let k = row + 1; k < lower.length; k++) solved[row]! -= lower[k]![row]! * solved[k]!
    solved[row]! /= lower[row]![row]!
  }
  return solved
}

/** Sherman and Morrison (1950): turns the inverse of A into that of A + x xᵀ, in place. */
export function addOuter(inverse: Matrix, x: readonly number[]): void {
  const turned = times(inverse, x)
  const scale = 1 / (1 + dot(x, turned))
  for (const [row, values] of inverse.entries()) {
    const factor = scale * turned[row]!
    for (let at = 0; at < values.length; at++) values[at]! -= factor * turned[at]!
  }
}
