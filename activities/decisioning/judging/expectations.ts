import { fraction } from '../../../sdk/hash'
import { Learner } from '../learner'
import type { Episode } from './evaluation'

/**
 * What a ridge regression expects each of a decision's arms to bring, in the order of its candidates. Each decision is told
 * what the half of the log expects that it is not part of, so that no model has seen what it is asked about.
 */
export function expectations(episodes: readonly Episode[]): (episode: Episode) => readonly number[] {
  const models = [new Learner({ is: 'lin-ucb' }), new Learner({ is: 'lin-ucb' })] as const
  for (const episode of episodes) models[1 - halfOf(episode)]!.learn(episode)
  return (episode) =>
    episode.candidates.map(({ arm, features }) => {
      const seen = models[halfOf(episode)]!.modelOf(arm, features, episode.context)
      return seen.model.mean(seen.features)
    })
}

/** By lot: what comes in turns must not fall into one half. */
const halfOf = ({ position }: Episode): 0 | 1 => (fraction('half', String(position)) < 0.5 ? 1 : 0)
