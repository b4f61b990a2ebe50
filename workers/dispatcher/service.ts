import type { Logger } from '../../logger'
import type { Manifest } from '../../sdk/manifest'
import type { Store } from '../../store/store'

const EVERY_MS = 15_000

/**
 * Keeps the manifest, again and again while its dispatcher runs. What can be entered is what a dispatcher in service
 * knows: workers, which are replaced first, don't count.
 */
export async function startService(
  store: Store,
  manifest: Manifest,
  logger: Logger,
): Promise<{ stop(): void }> {
  await store.builds.keep(manifest)
  const timer = setInterval(() => {
    store.builds
      .keep(manifest)
      .catch((error) => logger.debug({ err: error }, 'build not noted as in service'))
  }, EVERY_MS)
  return { stop: () => clearInterval(timer) }
}
