import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import { pinoHttp } from 'pino-http'
import { errorFacts, type Logger } from '../logger'
import type { Metrics } from './metrics'

/**
 * Gives each request an id (the caller's, where it is sane), echoes it, and logs and counts the answer. The route stands
 * for the path: paths hold customer ids and tokens.
 */
export function requestLog(logger: Logger, metrics: Metrics): RequestHandler[] {
  const log = pinoHttp({
    logger,
    genReqId: (request) => sane(request.headers['x-request-id']) ?? randomUUID(),
    wrapSerializers: false,
    serializers: {
      req: ({ id, method }) => ({ id, method }),
      res: ({ statusCode }) => ({ status: statusCode }),
      err: errorFacts,
    },
    customProps: (_, response) => ({ route: routeOf(response) }),
    customLogLevel: (_, { statusCode }) => (statusCode >= 500 ? 'error' : 'info'),
  })
  return [log, echo, counting(metrics)]
}

const sane = (id: string | string[] | undefined) =>
  typeof id === 'string' && /^[\w.-]{1,64}$/.test(id) ? id : undefined

const echo: RequestHandler = (request, response, next) => {
  response.set('X-Request-Id', String(request.id))
  next()
}

const counting =
  (metrics: Metrics): RequestHandler =>
  (_, response, next) => {
    const began = process.hrtime.bigint()
    response.on('finish', () => {
      const route = routeOf(response)
      metrics.count('sojourn_http_requests_total', { route, status: response.statusCode })
      metrics.count(
        'sojourn_http_request_seconds_total',
        { route },
        Number(process.hrtime.bigint() - began) / 1e9,
      )
    })
    next()
  }

const routeOf = (response: object): string =>
  (response as { locals?: { route?: string } }).locals?.route ?? 'none'
