import { filters, Liquid, LiquidError, type LiquidOptions, type Template } from 'liquidjs'

/** A message that cannot be made. Its sentence names the file and what to mend, and holds nothing of the customer. */
export class MessageError extends Error {
  override readonly name = 'MessageError'
}

/** A worker has checked that it has what its own build sends, so a step of another build asks: that one's workers have it. */
export class MessageMissing extends MessageError {}

/** Where a piece of a message stands: for sentences. `offset` lines of the file come before it. */
export interface Place {
  readonly file: string
  readonly offset: number
}

/** A variable a template uses, as far as its path is written out: `['customer', 'firstName']`. */
export interface VariableUse {
  readonly path: readonly string[]
  readonly where: string
}

export interface Piece {
  render(scope: object): string
  readonly variables: readonly VariableUse[]
}

export type Escaping = 'none' | 'html' | 'json' | 'slack'

// Texts are the adopter's own; what customers bring into them is not. Counts come first, because a count is the same on a
// busy machine; the time (ms) is the last resort.
const LIMITS = { parseLimit: 500_000, memoryLimit: 10_000_000, renderLimit: 2_000 }
const TEMPLATE_LIMIT = 100_000

const OPTIONS: LiquidOptions = {
  strictVariables: true,
  strictFilters: true,
  lenientIf: true,
  ownPropertyOnly: true,
  templates: {},
  // Dates read the same on every machine.
  timezoneOffset: 'UTC',
  locale: 'en-US',
  ...LIMITS,
}

// The first four read other files, and `cycle` writes past the escaping.
const TAGS_LEFT_OUT = ['include', 'render', 'layout', 'block', 'cycle']

const inJsonString = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  const text = JSON.stringify(value)
  return typeof value === 'string' ? text.slice(1, -1) : text
}

/** What Slack asks for: so no name calls a whole channel (`<!channel>`), or passes for a link. */
const inSlackText = (value: unknown): string =>
  String(value ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

const engines: Record<Escaping, Liquid> = {
  none: engine({}),
  html: engine({ outputEscape: 'escape' }),
  json: engine({ outputEscape: inJsonString }),
  slack: engine({ outputEscape: inSlackText }),
}

// `escape` and `json` written out in a template mean what is done anyway, not a second time.
engines.html.registerFilter('escape', { raw: true, handler: filters.escape as (value: unknown) => string })
engines.json.registerFilter('json', { raw: true, handler: (value: unknown) => JSON.stringify(value ?? null) })

function engine(more: LiquidOptions): Liquid {
  const liquid = new Liquid({ ...OPTIONS, ...more })
  for (const tag of TAGS_LEFT_OUT) delete liquid.tags[tag]
  return liquid
}

/** Parses a piece of Liquid. Throws MessageError; so does rendering it. */
export function piece(source: string, escaping: Escaping, place: Place): Piece {
  const liquid = engines[escaping]
  const said = <Value>(make: () => Value): Value => saying(make, source, place)
  const parsed = said(() => liquid.parse(source))
  return {
    render: (scope) =>
      said(() => String(liquid.renderSync(parsed, scope, { templateLimit: TEMPLATE_LIMIT }))),
    variables: said(() => variablesOf(liquid, parsed, place)),
  }
}

function variablesOf(liquid: Liquid, parsed: Template[], place: Place): VariableUse[] {
  const { globals } = liquid.analyzeSync(parsed, { partials: false })
  return Object.values(globals).flatMap((uses) =>
    uses.map(({ segments, location }) => ({
      path: segments.slice(0, 2).filter((segment) => typeof segment === 'string'),
      where: `${place.file}, line ${location.row + place.offset}`,
    })),
  )
}

function saying<Value>(make: () => Value, source: string, place: Place): Value {
  try {
    return make()
  } catch (error) {
    if (!LiquidError.is(error)) throw error
    throw new MessageError(sentence((error as Error).message, source, place))
  }
}

function sentence(message: string, source: string, { file, offset }: Place): string {
  const [, said = message, line = '1'] = /^(.*), line:(\d+), col:\d+/s.exec(message) ?? []
  const [reason = ''] = said.split('\n')
  const variable = /^undefined variable: (.*)/.exec(reason)?.[1]
  // A path that the source does not spell out was computed, perhaps from something about the customer.
  const shown = variable && !source.includes(variable) ? 'undefined variable, its name computed' : reason
  return `${file}, line ${Number(line) + offset}: ${shown}`
}
