import type { Content } from '../../channels'
import type { Manifest } from '../../sdk'
import { check, type MessageNouns } from './check'
import type { MessageScope } from './formats'
import { library, type LibraryOptions } from './library'

export { MessageError, MessageMissing } from './engine'
export type { MessageNouns } from './check'
export type { MessageScope } from './formats'

/** The adopter's message texts: `catalog/messages/<name>.<channel>.liquid`. */
export interface Messages {
  /** The message as the channel takes it. Throws MessageError with a sentence that holds nothing of the customer. */
  render(channel: string, name: string, scope: MessageScope): Content
  /** Sentences for what would go wrong at a send: unknown messages and variables, texts that do not parse. */
  check(manifest: Manifest, nouns: MessageNouns): string[]
}

/** Reads a folder of messages, and reads on: a changed file is used from the next send on. Throws without the folder. */
export function loadMessages(folder: string, options?: LibraryOptions): Messages {
  const texts = library(folder, options)
  // Read all at once, so that an edit that breaks one finds a good text to fall back to.
  texts.all()
  return {
    render: (channel, name, scope) => texts.find(channel, name).render(scope),
    check: (manifest, nouns) => check(texts, manifest, nouns),
  }
}
