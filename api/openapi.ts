import { z } from 'zod'
import { problems, type ProblemCode } from '../sdk/problem'
import type { Api } from './deps'
import { grants, type Role } from './keys'
import { roleNeeded, type Answer, type Route } from './route'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 document of the routes, from the very schemas they validate with. */
export function openapi(routes: readonly Route[], api: Pick<Api, 'open'>): Json {
  const schemas: Json = { Problem: problemSchema }
  const paths: Record<string, Json> = {}
  for (const route of routes.filter(({ hidden }) => !hidden)) {
    const operations = (paths[route.path] ??= {})
    operations[route.method] = operation(route, schemas, api.open === true)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sojourn',
      version: '1',
      description: 'Customer journeys as durable code: the HTTP surface.',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas, securitySchemes },
  }
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key' },
  basic: { type: 'http', scheme: 'basic', description: 'An API key as the user name; no password' },
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details',
  required: ['type', 'title', 'status', 'code', 'detail', 'next', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems) },
    detail: { type: 'string' },
    next: { type: 'string', description: 'What to do about it' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}

function operation(route: Route, schemas: Json, open: boolean): Json {
  const secured = isSecured(route, open)
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, secured && `Needs a key of role ${rolesFor(route)}.`]
      .filter(Boolean)
      .join('\n\n'),
    security: secured ? [{ bearer: [] }, { basic: [] }] : [],
    parameters: [
      ...parameters(route, 'params', schemas),
      ...parameters(route, 'query', schemas),
      ...idempotency(route),
    ],
    ...(route.body ? { requestBody: requestBody(route, schemas) } : {}),
    responses: responsesOf(route, secured, schemas),
  }
}

/** `postEnrollmentsIdPause` for POST /v1/enrollments/{id}/pause. */
const operationId = ({ method, path }: Route): string =>
  method +
  (path.replace(/^\/v1/, '').match(/[a-zA-Z]+/g) ?? [])
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')

const isSecured = ({ role }: Route, open: boolean) =>
  role !== 'open' && !((role === 'console' || role === 'desk') && open)

const rolesFor = (route: Route): string => {
  const needed = roleNeeded(route)
  return (Object.keys(grants) as Role[]).filter((each) => grants[each].includes(needed)).join(', ')
}

function parameters(route: Route, from: 'params' | 'query', schemas: Json): Json[] {
  const fields = route[from]
  if (!(fields instanceof z.ZodObject)) return []
  return Object.entries(fields.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name,
    in: from === 'params' ? 'path' : 'query',
    required: from === 'params',
    schema: jsonSchema(field, 'input', schemas),
  }))
}

const idempotency = ({ method, bodyType, role }: Route): Json[] =>
  method === 'post' && bodyType !== 'form' && (role === 'operate' || role === 'agent')
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', minLength: 1, maxLength: 100, pattern: '^[\\x21-\\x7e]+$' },
        },
      ]
    : []

const mediaTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded', raw: '*/*' }

const requestBody = (route: Route, schemas: Json): Json => ({
  required: route.bodyType !== 'form' && !route.body!.safeParse({}).success,
  content: {
    [mediaTypes[route.bodyType ?? 'json']]: {
      schema: jsonSchema(route.body!, 'input', schemas),
    },
  },
})

interface Response {
  description: string
  content: Record<string, Json>
}

/** A status may stand for an answer and for problems, each of its own type. */
function responsesOf(route: Route, secured: boolean, schemas: Json): Record<string, Response> {
  const found: Record<string, Response> = {}
  const add = (status: number | string, text: string, type: string, schema: Json): void => {
    const { description, content } = found[status] ?? { content: {} }
    found[status] = {
      description: description ? `${description}; ${text}` : text,
      content: { ...content, [type]: { schema } },
    }
  }
  for (const [status, answer] of Object.entries<Answer>(route.answers)) {
    const { description, type = 'application/json', schema, otherTypes = [] } = answer
    add(status, description, type, schema ? jsonSchema(schema, 'output', schemas) : { type: 'string' })
    for (const other of otherTypes) found[status]!.content[other] = { schema: { type: 'string' } }
  }
  for (const code of new Set([...impliedProblems(route, secured), ...(route.problems ?? [])])) {
    add(problems[code].status, `\`${code}\`: ${problems[code].title}`, 'application/problem+json', problemRef)
  }
  return found
}

const problemRef = { $ref: '#/components/schemas/Problem' }

function impliedProblems(route: Route, secured: boolean): ProblemCode[] {
  const json = route.body && (route.bodyType ?? 'json') === 'json'
  return [
    ...(json ? (['invalid-json', 'too-large', 'unsupported-media-type'] as const) : []),
    ...(json || route.params || route.query ? (['invalid-request'] as const) : []),
    ...(secured ? (['unauthorized', 'forbidden'] as const) : []),
    ...(route.tag === 'Service' && route.role === 'open'
      ? []
      : (['internal', 'database-unavailable'] as const)),
  ]
}

/** A zod schema as JSON Schema; named ones go to the components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema: _, $defs, ...root } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  Object.assign(schemas, referring($defs ?? {}))
  return referring(root) as Json
}

const referring = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema)
      .replaceAll('"#/$defs/', '"#/components/schemas/')
      .replace(/"id":"[A-Z]\w*",?/g, ''),
  )
