import { rm } from 'node:fs/promises'

interface Servers {
  postgres: { stop(): Promise<void> }
  temporal: { stop(): Promise<void> }
  folder: string
}

export default async function globalTeardown(): Promise<void> {
  const { postgres, temporal, folder } = (globalThis as unknown as { sojournServers: Servers }).sojournServers
  await Promise.all([postgres.stop(), temporal.stop()])
  await rm(folder, { recursive: true, force: true })
}
