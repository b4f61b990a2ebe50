import { isGrpcServiceError } from '@temporalio/client'
import { Unreachable } from './handling'

// gRPC codes that speak of the server, not of the request: cancelled, unknown, deadline exceeded, resource exhausted, aborted,
// internal, unavailable.
const SERVER_TROUBLE = new Set([1, 2, 4, 8, 10, 13, 14])

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
