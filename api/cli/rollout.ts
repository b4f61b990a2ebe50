import { type ApiClient, CallFailed, itemsOf } from './client'
import { paced } from './paced'
import { Refused } from './refused'

interface Rollout {
  readonly current: string | null
  readonly ramping: { readonly build: string; readonly percent: number } | null
  readonly builds: readonly {
    readonly build: string
    readonly state: string
    readonly running: number
    readonly steps: readonly { readonly journey: string; readonly step: string; readonly running: number }[]
  }[]
}

const statusOf = async (api: ApiClient): Promise<Rollout> => (await api.get('/v1/rollout')) as Rollout

/** The builds, and who is on each, by step. */
export const status = async (api: ApiClient): Promise<string> => wordsOf(await statusOf(api))

/** Lets so many of a hundred begin their stages on a build. */
export const roll = async (api: ApiClient, build: string, percent: number, by?: string): Promise<string> =>
  wordsOf((await api.post('/v1/rollout', { build, percent, by })) as Rollout)

function wordsOf({ current, ramping, builds }: Rollout): string {
  if (builds.length === 0) return 'No worker has come yet.'
  const head = current === null ? ['No build is rolled out: new stages wait.'] : []
  return [
    ...head,
    ...builds.flatMap(({ build, state, running, steps }) => [
      `${build}: ${state}${ramping?.build === build ? ` at ${ramping.percent} %` : ''}, ${running} inside${isFree(state, running) ? '; its workers may go' : ''}`,
      ...steps.map((at) => `  ${at.running} at ${at.step} of ${at.journey}`),
    ]),
  ].join('\n')
}

const isFree = (state: string, running: number): boolean =>
  running === 0 && (state === 'draining' || state === 'drained')

export interface Waking {
  readonly journey?: string
  /** Of this build alone; else of all but the current one. */
  readonly from?: string
  /** A second. */
  readonly rate: number
  readonly by?: string
  readonly progress: (words: string) => void
}

/** Wakes those on older builds, so that the current one goes on with them; those whom it can't go on with stay where they are. */
export async function wake(api: ApiClient, waking: Waking): Promise<string> {
  const { current, builds } = await statusOf(api)
  if (current === null) throw new Refused('No build is rolled out yet.')
  const older = builds.filter(
    ({ build, running }) => build !== current && running > 0 && (waking.from ?? build) === build,
  )
  const ids: string[] = []
  for (const { build } of older) ids.push(...(await pinnedTo(api, build, waking.journey)))
  const fates = new Map<string, number>()
  await paced(ids, waking.rate, async (id) => {
    const fate = await woken(api, id, current, waking.by)
    fates.set(fate, (fates.get(fate) ?? 0) + 1)
    waking.progress(`${[...fates.values()].reduce((sum, count) => sum + count, 0)} of ${ids.length}`)
  })
  return [...fates].map(([fate, count]) => `${count} ${fate}`).sort().join('\n') || 'Nobody is on an older build.' // prettier-ignore
}

async function pinnedTo(api: ApiClient, build: string, journey: string | undefined): Promise<string[]> {
  const ids: string[] = []
  const path = `/v1/rollout/builds/${encodeURIComponent(build)}/enrollments`
  for await (const { id } of itemsOf<{ id: string }>(api, path, journey === undefined ? {} : { journey }))
    ids.push(id)
  return ids
}

async function woken(api: ApiClient, id: string, build: string, by: string | undefined): Promise<string> {
  try {
    await api.post(`/v1/enrollments/${encodeURIComponent(id)}/upgrade`, { build, by })
    return `go on with ${build}`
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    if (error.code === 'ended' || error.code === 'not-found') return 'have ended meanwhile'
    if (error.code !== 'not-acceptable-now') throw error
    return `stay: ${error.detail}`
  }
}
