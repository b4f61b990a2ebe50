/** A command could not be done; the message says why and what to do next. */
export class Refused extends Error {
  override readonly name: string = 'Refused'
}
