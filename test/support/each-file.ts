import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Remembered } from '../../sdk/testing'

// Runs in every test file, so it loads nothing of ours: what was walked is left for the end of the run.
afterAll(() => {
  const { [Symbol.for('sojourn.walks')]: walks } = globalThis as { [key: symbol]: Remembered | undefined }
  if (!walks) return
  const folder = path.join(process.env.SOJOURN_TEST_FOLDER!, 'walks')
  mkdirSync(folder, { recursive: true })
  const { told, explored } = walks
  const file = path.join(folder, `${process.pid}-${Date.now()}.json`)
  writeFileSync(file, JSON.stringify({ told: [...told], explored: [...explored] }))
})
