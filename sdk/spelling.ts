/** Whether one word may be a slip of the pen for the other: an edit away, or two where the word is long. */
export const isNearMiss = (word: string, known: string): boolean =>
  distance(word, known) <= (known.length < 10 ? 1 : 2)

/** Edits between two words: a letter more, less, other, or two swapped. */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= from.length; row++) {
    rows.push([row])
    for (let column = 1; column <= to.length; column++)
      rows[row]![column] = cheapest(rows, from, to, row, column)
  }
  return rows[from.length]![to.length]!
}

function cheapest(rows: number[][], from: string, to: string, row: number, column: number): number {
  const cost = (up: number, left: number) => rows[row - up]![column - left]!
  const same = from[row - 1] === to[column - 1] ? 0 : 1
  const swapped =
    row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
  return Math.min(cost(1, 0) + 1, cost(0, 1) + 1, cost(1, 1) + same, swapped ? cost(2, 2) + 1 : Infinity)
}
