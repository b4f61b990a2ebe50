/** A text in lines of about so many characters, at most so many lines; what is left out ends in an ellipsis. */
export function inLines(text: string, width: number, most: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).flatMap((each) => pieces(each, width))) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  if (lines.length <= most) return lines
  return [...lines.slice(0, most - 1), `${lines[most - 1]!.slice(0, width - 1)}…`]
}

/** A word that fits no line is cut. */
const pieces = (word: string, width: number): string[] => word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []
