import type { Response } from 'express'
import type { z } from 'zod'
import type { ProblemCode } from '../sdk/problem'
import type { Api } from './deps'
import type { InboxToken } from './inbox/token'
import type { ApiKey, Role } from './keys'

/** One way in: what it takes, who may, what it answers, and what it does. Served by serve.ts, documented by openapi.ts. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Status extends number = number,
> {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** `{name}` stands for a parameter. */
  readonly path: string
  /**
   * The role it needs; `open`: none; `customer`: the customer's own token, or a key that may read, or for changes operate;
   * `console` and `desk`: read and agent, or none where development is open.
   */
  readonly role: Role | 'open' | 'console' | 'desk' | 'customer'
  readonly tag:
    | 'Events'
    | 'Journeys'
    | 'Enrollments'
    | 'Customers'
    | 'Consent'
    | 'Decisions'
    | 'Tasks'
    | 'Limits'
    | 'Rollout'
    | 'Links'
    | 'Receipts'
    | 'Inbox'
    | 'Service'
    | 'Console'
  readonly summary: string
  readonly description?: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** A body of `form` type is only looked at, never refused; of `raw` type it is a Buffer. Default: json. */
  readonly bodyType?: 'json' | 'form' | 'raw'
  /** Bytes; default: those of one event. */
  readonly bodyLimit?: number
  /** Looks at the body before it is validated; throws problems. */
  readonly inspect?: (body: unknown) => void
  /** The body as its schema reads it, where that can be seen faster than the schema is asked. */
  readonly glance?: (body: unknown) => z.output<Body> | undefined
  readonly answers: Readonly<Record<Status, Answer>>
  /** Left out of the documentation. */
  readonly hidden?: boolean
  /** Problems of its own; those of authorization and validation are implied. */
  readonly problems?: readonly ProblemCode[]
  handle(
    call: Call<z.output<Params>, z.output<Query>, z.output<Body>>,
    api: Api,
  ): Promise<Reply<Status>> | Reply<Status>
}

export interface Answer {
  readonly description: string
  /** Default: application/json. */
  readonly type?: string
  readonly schema?: z.ZodType
  /** Further types in which it may be answered. */
  readonly otherTypes?: readonly string[]
}

export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Whose request it is; none on open routes. */
  readonly key?: ApiKey
  /** The customer's own, on routes of theirs. */
  readonly token?: InboxToken
  readonly requestId: string
  /** As they came: signatures are made over them. Header names in lower case; the address is path and query. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly address: string
  readonly idempotencyKey?: string
  /** What the reader's program asks for, best first. */
  readonly languages: readonly string[]
  /** The media types it asks for, best first. */
  readonly types: readonly string[]
}

export interface Reply<Status extends number = number> {
  readonly status: Status
  /** JSON, or text where the answer has a type of its own. */
  readonly body: unknown
  /** Where one status may be answered in several ways; default: the type that the route's answer has. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Writes what is answered bit by bit, in place of a body. */
  readonly stream?: (response: Response) => void
}

/** Types a route by its schemas. */
export const route = <
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Status extends number = number,
>(
  described: Route<Params, Query, Body, Status>,
): Route => described as unknown as Route

/** What a key must be for, on a route that takes keys. */
export function roleNeeded({ role, method }: Route): Role {
  if (role === 'customer') return method === 'get' ? 'read' : 'operate'
  if (role === 'desk') return 'agent'
  return role === 'console' || role === 'open' ? 'read' : role
}

/** A JSON 200 answer, by far the most common. */
export const ok = <Body>(body: Body): Reply<200> & { readonly body: Body } => ({ status: 200, body })
