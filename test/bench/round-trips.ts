import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

type Asking = (this: object, ...args: unknown[]) => unknown

/** Counts what this process asks of databases: each query waits for its answer before the next, so each is a round trip. */
export class RoundTrips {
  count = 0
  /** The embedded database that was asked last. */
  embedded: PGlite | undefined

  constructor() {
    const counted = (name: 'query' | 'exec', prototype: object): void => {
      const target = prototype as Record<string, Asking>
      const ask = target[name]!
      const note = (asked: object): void => this.note(asked)
      target[name] = function (...args) {
        note(this)
        return ask.apply(this, args)
      }
    }
    counted('query', pg.Client.prototype)
    for (const name of ['query', 'exec'] as const) counted(name, embeddedPrototype())
  }

  private note(asked: object): void {
    this.count += 1
    if (asked instanceof PGlite) this.embedded = asked
  }
}

/** Where PGlite's methods are: on the class it is made of. */
function embeddedPrototype(): object {
  let prototype = PGlite.prototype as object
  while (!Object.hasOwn(prototype, 'query')) prototype = Object.getPrototypeOf(prototype) as object
  return prototype
}
