import { rm } from 'node:fs/promises'
import { walkedInWords } from './walked'

interface Servers {
  postgres: { stop(): Promise<void> }
  temporal: { stop(): Promise<void> }
  folder: string
}

export default async function globalTeardown(): Promise<void> {
  const { postgres, temporal, folder } = (globalThis as unknown as { sojournServers: Servers }).sojournServers
  await Promise.all([postgres.stop(), temporal.stop()])
  process.stderr.write(walkedInWords(folder))
  await rm(folder, { recursive: true, force: true })
}
