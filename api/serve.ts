import express, { type Request, type Response, type Router } from 'express'
import { grouped } from '../sdk/grouped'
import { Problem } from '../sdk/problem'
import { readForm, readJson, readRaw } from './body'
import { check } from './check'
import type { Api } from './deps'
import { fromAnyOrigin, tokenOf } from './customer-access'
import { authorize, type ApiKey } from './keys'
import { roleNeeded, type Call, type Reply, type Route } from './route'

/** The routes as an express router: authorization, reading, validation, answer; unknown methods end as 405. */
export function serve(routes: readonly Route[], api: Api): Router {
  const router = express.Router({ caseSensitive: true })
  for (const [path, group] of grouped(routes, ({ path }) => path)) {
    const place = router.route(path.replace(/\{(\w+)\}/g, ':$1'))
    if (group.some(({ role }) => role === 'customer')) place.all(fromAnyOrigin)
    for (const route of group)
      place[route.method]((request, response) => answer(route, api, request, response))
    place.all((request, response) => refuseMethod(group, request, response))
  }
  return router
}

async function answer(route: Route, api: Api, request: Request, response: Response): Promise<void> {
  response.locals.route = `${route.method.toUpperCase()} ${route.path}`
  const token = route.role === 'customer' ? tokenOf(request, api) : undefined
  const key = token ? undefined : keyFor(route, api, request)
  const call = {
    ...(await read(route, api, request, response)),
    key,
    token,
    requestId: response.locals.requestId,
    headers: plainHeaders(request),
    address: request.originalUrl,
    languages: request.acceptsLanguages(),
    types: request.accepts(),
    ...idempotencyKey(request),
  }
  send(response, route, await route.handle(call, api))
}

/** Open where development is. */
const isPage = (role: Route['role']): boolean => role === 'console' || role === 'desk'

function keyFor(route: Route, api: Api, request: Request): ApiKey | undefined {
  const { role } = route
  if (role === 'open' || (api.open && isPage(role))) return undefined
  return authorize(api.keys, roleNeeded(route), request.headers.authorization)
}

async function read(
  route: Route,
  api: Api,
  request: Request,
  response: Response,
): Promise<Pick<Call, 'params' | 'query' | 'body'>> {
  const params = check(route.params, request.params, 'path')
  const query = check(route.query, request.query, 'query')
  if (!route.body) return { params, query, body: undefined }
  const limit = route.bodyLimit ?? api.limits.eventBytes
  const given = await readers[route.bodyType ?? 'json'](request, response, limit)
  route.inspect?.(given)
  return { params, query, body: route.glance?.(given) ?? check(route.body, given, 'body') }
}

const readers = { json: readJson, form: readForm, raw: readRaw }

const plainHeaders = ({ headers }: Request): Call['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))

function idempotencyKey(request: Request): { idempotencyKey?: string } {
  const given = request.get('idempotency-key')
  if (given === undefined) return {}
  if (/^[\x20-\x7e]{1,100}$/.test(given)) return { idempotencyKey: given }
  const fault = { path: 'header.Idempotency-Key', message: 'must be 1 to 100 printable ASCII characters' }
  throw new Problem('invalid-request', `${fault.path}: ${fault.message}.`, [fault])
}

function send(response: Response, route: Route, reply: Reply): void {
  const type = reply.type ?? route.answers[reply.status]?.type ?? 'application/json'
  if (reply.stream) return stream(response, reply, type)
  const text = type === 'application/json' ? JSON.stringify(reply.body) : String(reply.body)
  response
    .status(reply.status)
    .set(reply.headers ?? {})
    .type(type)
    .send(text)
}

function stream(response: Response, { status, headers = {}, stream }: Reply, type: string): void {
  response.status(status).set(headers).type(type)
  response.flushHeaders()
  stream!(response)
}

function refuseMethod(group: readonly Route[], request: Request, response: Response): never {
  const known = group.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  response.set('Allow', known.join(', '))
  throw new Problem('method-not-allowed', `${request.method} is not one of ${known.join(', ')}.`)
}
