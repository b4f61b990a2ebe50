import { schemas } from '../catalog/schemas'
import { topics } from '../catalog/topics'
import { traits } from '../catalog/traits'

/** The nouns that messages may use. */
export const catalogNouns = () => ({
  traits: Object.keys(traits.shape),
  events: Object.fromEntries(Object.entries(schemas).map(([name, { shape }]) => [name, Object.keys(shape)])),
  topics: Object.keys(topics),
})
