import { isGrpcServiceError } from '@temporalio/client'
import { Unreachable } from './handling'

// gRPC codes that speak of the server or of our access to it, not of the request: cancelled, unknown, deadline exceeded,
// permission denied, resource exhausted, aborted, internal, unavailable, unauthenticated.
const SERVER_TROUBLE = new Set([1, 2, 4, 7, 8, 10, 13, 14, 16])

/** Passes a call to Temporal through; when Temporal is away it throws Unreachable, so that no event is blamed for it. */
export async function reached<Value>(call: Promise<Value>): Promise<Value> {
  try {
    return await call
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    if (isGrpcServiceError(cause) && SERVER_TROUBLE.has(cause.code))
      throw new Unreachable('Temporal cannot be reached', { cause })
    throw error
  }
}
