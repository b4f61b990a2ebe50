import type { Policy } from '../sdk/decision'
import type { DecisionPlace, DecisionStore } from '../store/store'
import { Learner, type Learned } from './decisioning/learner'
import { settledOf } from './decisioning/log'

const READ_AT_ONCE = 1_000
const SNAPSHOT_EVERY = 500
/** A policy that is written anew gets a version of its own; those of old are forgotten. */
const MOST_KEPT = 500

/** What each policy has learned, kept in this process and brought up to date from the log before every decision. */
export class Learners {
  private readonly kept = new Map<string, Learner>()
  private readonly saved = new Map<string, number>()

  constructor(private readonly decisions: DecisionStore) {}

  /** Knows at least the first `settled` settled decisions of the step. */
  async of(place: DecisionPlace, version: string, policy: Policy, settled: number): Promise<Learner> {
    const name = JSON.stringify([place.journey, place.step, version])
    const learner = this.kept.get(name) ?? (await this.restored(name, place, version, policy))
    while (learner.position < settled) {
      const rows = await this.decisions.settled(place, learner.position, READ_AT_ONCE)
      // Meanwhile another decision may have read the same rows; none is learned twice.
      for (const row of rows) learner.learn(settledOf(row))
      if (rows.length === 0) break
    }
    await this.save(name, place, version, learner)
    return learner
  }

  private async restored(
    name: string,
    place: DecisionPlace,
    version: string,
    policy: Policy,
  ): Promise<Learner> {
    const snapshot = await this.decisions.snapshot(place, version)
    if (this.kept.size >= MOST_KEPT) this.kept.clear()
    const learner = this.kept.get(name) ?? new Learner(policy, snapshot?.learned as Learned | undefined)
    this.kept.set(name, learner)
    this.saved.set(name, learner.position)
    return learner
  }

  private async save(name: string, place: DecisionPlace, version: string, learner: Learner): Promise<void> {
    if (learner.position - (this.saved.get(name) ?? 0) < SNAPSHOT_EVERY) return
    this.saved.set(name, learner.position)
    await this.decisions.keepSnapshot(place, version, {
      position: learner.position,
      learned: learner.learned(),
    })
  }
}
