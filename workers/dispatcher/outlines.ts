import type { JourneyOutline, Manifest } from '../../sdk/manifest'
import type { EnrollmentRow, Store } from '../../store/store'

const LOOK_AGAIN_MS = 15_000

interface OutlinesDeps {
  readonly store: Store
  readonly manifest: Manifest
  readonly versioned?: boolean
}

/** What an enrollment may be running: the outlines of its journey in the builds that may have it. */
export class Outlines {
  private readonly manifests = new Map<string, Promise<Manifest | undefined>>()
  private readonly later = new Map<string, { readonly at: number; readonly builds: Promise<string[]> }>()

  constructor(private readonly deps: OutlinesDeps) {}

  /**
   * The build it began with, and ours: after a deploy either may be what runs. Where builds are pinned it may have begun a stage
   * on any build between.
   */
  async of({ build, journey }: Pick<EnrollmentRow, 'build' | 'journey'>): Promise<JourneyOutline[]> {
    const builds = this.deps.versioned ? await this.since(build) : []
    const kept = await Promise.all([...new Set([build, ...builds])].map((each) => this.manifest(each)))
    const all = [this.deps.manifest, ...kept.filter((each) => each?.build !== this.deps.manifest.build)]
    return all.flatMap((each) => each?.journeys[journey] ?? [])
  }

  private since(build: string): Promise<string[]> {
    const known = this.later.get(build)
    if (known && Date.now() - known.at < LOOK_AGAIN_MS) return known.builds
    const builds = this.deps.store.builds.since(build)
    this.later.set(build, { at: Date.now(), builds })
    builds.catch(() => this.later.delete(build))
    return builds
  }

  private manifest(build: string): Promise<Manifest | undefined> {
    const known = this.manifests.get(build)
    if (known) return known
    const found = this.deps.store.builds.get(build)
    this.manifests.set(build, found)
    found.catch(() => this.manifests.delete(build))
    return found
  }
}
