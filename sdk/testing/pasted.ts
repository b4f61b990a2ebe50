import { fraction, pick } from '../hash'
import type { Rehearsable } from './life'
import type { Exploration, Told } from './path'
import type { Property } from './properties'

/** The path as a test, to be pasted. */
export function storyOf(
  property: Property,
  told: Told,
  { name, beginning }: Exploration,
  traits: object,
): string {
  const { acts, fates, decides, revisions, calls } = told
  const unusual = Object.entries(fates).filter(([, all]) => all.some(({ is }) => is !== 'sent'))
  const id = idFor(name, beginning.journeys[name]!, told.arms)
  const at = new Date(beginning.at).toISOString()
  const setting = [
    `customer: ${JSON.stringify({ id, ...traits })}, at: '${at}'`,
    ...(unusual.length > 0 ? [`fates: ${JSON.stringify(Object.fromEntries(unusual))}`] : []),
    ...(Object.keys(decides).length > 0 ? [`decides: ${JSON.stringify(decides)}`] : []),
    ...(Object.keys(revisions).length > 0 ? [`revisions: ${JSON.stringify(revisions)}`] : []),
    ...(calls.length > 0 ? [`calls: { ${calls.map(answerOf).join(', ')} }`] : []),
  ]
  return [
    `test(${JSON.stringify(`${name}: ${property.name}`)}, async () => {`,
    `  const rehearsed = await rehearse(${name}, { ${setting.join(', ')} })`,
    ...acts.map((act) => `    ${act}`),
    `  expect(${property.name}.fault(rehearsed)).toBeUndefined()`,
    '})',
  ].join('\n')
}

/** One that did not fail is answered by what the test has under its name. */
const answerOf = ({ activity, fails }: Told['calls'][number]): string =>
  fails ? `${activity}: () => { throw new Error('explored') }` : activity

const IDS = 10_000

/** The first customer of many whom the journey does not hold out, and on whom these arms fall. */
export function idFor(name: string, { definition }: Rehearsable, arms: Told['arms']): string {
  const falls = (id: string): boolean =>
    fraction('holdout', name, id) >= (definition.holdout ?? 0) &&
    Object.entries(arms).every(
      ([step, { arm, shares }]) => pick(shares, fraction(`split:${step}`, name, id)) === arm,
    )
  const numbers = Array.from({ length: IDS }, (_, number) => `explored-${number + 1}`)
  return numbers.find(falls) ?? numbers[0]!
}
