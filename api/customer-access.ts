import type { Request, RequestHandler } from 'express'
import { Problem } from '../sdk/problem'
import type { Api } from './deps'
import { readInboxToken, type InboxToken } from './inbox/token'

/** The token that a request to a customer's own route carries: as a bearer, or where browsers can send no header in the query. */
export function tokenOf(request: Request, { secrets }: Api): InboxToken | undefined {
  const given =
    /^bearer +(inbox\.\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? request.query.token
  if (typeof given !== 'string') return undefined
  const token = readInboxToken(given, secrets, Date.now())
  if (!token) throw new Problem('unauthorized', 'The token is none of ours, or has ended.')
  if (token.customerId !== request.params.id)
    throw new Problem('forbidden', 'The token is for another customer.')
  return token
}

/** Apps call from pages of any origin: they bring a token along, and nothing that browsers add by themselves. */
export const fromAnyOrigin: RequestHandler = (request, response, next) => {
  response.set('Access-Control-Allow-Origin', '*')
  if (request.method !== 'OPTIONS') return next()
  response
    .set('Access-Control-Allow-Methods', 'GET, POST')
    .set('Access-Control-Allow-Headers', 'Authorization, Content-Type, Last-Event-ID')
    .set('Access-Control-Max-Age', '86400')
    .status(204)
    .end()
}
