import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { signedLinks } from '../channels/links'
import { customerRef } from '../sdk/customer-ref'
import { Problem } from '../sdk/problem'
import { standardLimits, type Api, type ApiDeps } from './deps'
import { InboxStreams } from './inbox/streams'
import { createMetrics } from './metrics'
import { toProblem, writeProblem } from './problems'
import { requestLog } from './request-log'
import { routes } from './routes'
import { serve } from './serve'

/** The HTTP surface as an express application; listening is the caller's. */
export function createApi(deps: ApiDeps): Express {
  const api: Api = {
    ...deps,
    limits: { ...standardLimits, ...deps.limits },
    links: signedLinks(deps.secrets, deps.publicUrl),
    inboxStreams: new InboxStreams(deps.store.inbox, deps.logger, deps.stopping),
    metrics: deps.metrics ?? createMetrics(),
    customerRef: deps.customerRef ?? customerRef(),
  }
  const app = express()
  app.set('etag', false)
  app.use(requestLog(api.logger, api.metrics), security, ...(api.open ? [loopbackNames] : []))
  app.use(serve(routes(api), api), unknownPath, problemAnswers(api))
  return app
}

/** Pages use our own stylesheet and images alone; docs.ts and the console's mail view widen this for themselves. */
const security: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'frame-src': ["'self'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
      'base-uri': ["'none'"],
    },
  },
})

/** Without keys, a web page could reach us through a name of its own that leads to this machine. */
const loopbackNames: RequestHandler = (request, _, next) => {
  if (/^(localhost|[\w-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(request.hostname ?? ''))
    return next()
  throw new Problem(
    'forbidden',
    'Without API_KEYS this server answers to loopback names alone, such as localhost.',
  )
}

const unknownPath: RequestHandler = () => {
  throw new Problem('not-found', 'There is nothing at this path; /docs lists what there is.')
}

const problemAnswers =
  (api: Api): ErrorRequestHandler =>
  async (error, request, response, next) => {
    // An answer that has begun can only be cut off.
    if (response.headersSent) return next(error)
    const problem = await toProblem(error, api.store)
    if (problem.code === 'internal' || problem.code.endsWith('unavailable')) response.locals.error = error
    if (!request.destroyed || request.complete) writeProblem(response, problem, response.locals.requestId)
  }
