import { isGrpcServiceError } from '@temporalio/client'
import type { Response } from 'express'
import { Problem, problems, type ProblemCode } from '../sdk/problem'
import { BeingDeleted } from '../store'
import type { Store } from '../store/store'

const retryAfterSeconds = 5

/** The body of a problem answer (RFC 9457), with what to do next and the request's id. */
export const problemBody = (problem: Problem, requestId: string) => ({
  type: `urn:sojourn:problem:${problem.code}`,
  title: problems[problem.code].title,
  status: problems[problem.code].status,
  code: problem.code,
  detail: problem.detail,
  next: problems[problem.code].next,
  requestId,
  ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
})

/** Ends the response with a problem and the headers its status calls for. */
export function writeProblem(response: Response, problem: Problem, requestId: string): void {
  const { status } = problems[problem.code]
  if (status === 401)
    response.set('WWW-Authenticate', 'Basic realm="sojourn", charset="UTF-8", Bearer realm="sojourn"')
  if (status === 503) response.set('Retry-After', String(retryAfterSeconds))
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem, requestId)))
}

/** What the caller is told of an error; one that nobody foresaw is the database's, or ours. */
export async function toProblem(error: unknown, store: Store): Promise<Problem> {
  if (error instanceof Problem) return error
  if (error instanceof BeingDeleted) return new Problem('being-deleted', error.message)
  const known = fromExpress(error)
  if (known) return known
  if (isGrpcServiceError(error)) return new Problem('temporal-unavailable', `Temporal: ${error.details}`)
  if (await isDatabaseAway(error, store))
    return new Problem('database-unavailable', 'The database does not answer.')
  return new Problem('internal', 'The request could not be finished.')
}

/** Errors of body-parser carry a `type`; those of the router a status of 400. */
function fromExpress(error: unknown): Problem | undefined {
  const { type = '', status } = (error ?? {}) as { type?: string; status?: number }
  const code = byType[type]
  if (code) return new Problem(code, (error as Error).message)
  if (error instanceof URIError)
    return new Problem('invalid-request', 'The path is not percent-encoded UTF-8.')
  if (status === 400)
    return new Problem(
      'invalid-json',
      'The body cannot be read: its length, encoding or compression is broken.',
    )
  return undefined
}

const byType: Readonly<Record<string, ProblemCode>> = {
  'entity.parse.failed': 'invalid-json',
  'entity.too.large': 'too-large',
  'charset.unsupported': 'unsupported-media-type',
  'encoding.unsupported': 'unsupported-media-type',
}

const connectionCodes = /^(08|57P|53300|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)/

async function isDatabaseAway(error: unknown, store: Store): Promise<boolean> {
  if (connectionCodes.test(String((error as { code?: unknown } | undefined)?.code ?? ''))) return true
  return store.ping().then(
    () => false,
    () => true,
  )
}
