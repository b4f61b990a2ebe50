import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { coverageInWords, coverageOf, type Remembered, type Walk } from '../../sdk/testing'
import { shippedManifest } from './outlines'

/** How much of the shipped journeys' graphs all test files walked: by stories, and by exploring. Empty where nobody did. */
export function walkedInWords(folder: string): string {
  const files = filesIn(path.join(folder, 'walks'))
  const { journeys } = shippedManifest(folder)
  return (['told', 'explored'] as const)
    .flatMap((how) => {
      const walks = files.flatMap((file) => file[how]).map((walk) => JSON.parse(walk) as Walk)
      const names = [...new Set(walks.map(({ journey }) => journey))].filter((name) => journeys[name]).sort()
      const lines = names.map((name) => coverageInWords(coverageOf(journeys[name]!, { walks })))
      return lines.length > 0
        ? [how === 'told' ? 'Walked by stories:' : 'Walked by exploring:', ...lines, '']
        : []
    })
    .join('\n')
}

type Kept = Readonly<Record<keyof Remembered, readonly string[]>>

function filesIn(folder: string): Kept[] {
  try {
    return readdirSync(folder).map(
      (name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Kept,
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
