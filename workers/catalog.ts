import path from 'node:path'
import { schemas } from '../catalog/schemas'
import { topics } from '../catalog/topics'
import { traits } from '../catalog/traits'

/** The nouns that messages may use. */
/** Where the texts of this build lie. */
export const messagesFolder = path.join(__dirname, '..', 'catalog', 'messages')

export const catalogNouns = () => ({
  traits: Object.keys(traits.shape),
  events: Object.fromEntries(Object.entries(schemas).map(([name, { shape }]) => [name, Object.keys(shape)])),
  topics: Object.keys(topics),
})
