/** Every error code the HTTP surface answers with, its status, and what to do next. */
export const problems = {
  'invalid-json': {
    status: 400,
    title: 'The body is not JSON',
    next: 'Send a JSON object with content-type application/json.',
  },
  'invalid-request': {
    status: 400,
    title: 'The request does not fit its schema',
    next: 'Correct the fields listed in errors.',
  },
  unauthorized: {
    status: 401,
    title: 'No valid API key',
    next: 'Send a key as Bearer token, or as the user name of Basic authentication.',
  },
  unsigned: {
    status: 401,
    title: 'The signature is missing, wrong or too old',
    next: 'Look at the provider’s webhook settings and at ours: keys, public address, clocks.',
  },
  forbidden: {
    status: 403,
    title: 'The key may not do this',
    next: 'Use a key with the role named in detail.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    next: 'Check the path and the id; ids are percent-encoded once.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This path does not know that method',
    next: 'Use a method listed in the Allow header.',
  },
  'not-acceptable-now': {
    status: 409,
    title: 'The enrollment cannot do this now',
    next: 'Look at its status first: GET /v1/enrollments/{id}.',
  },
  refused: {
    status: 409,
    title: 'The journey refused the customer',
    next: 'The reason is in detail; it will not change by asking again at once.',
  },
  'message-id-taken': {
    status: 409,
    title: 'That message id belongs to another request',
    next: 'Use a new messageId or Idempotency-Key for each new request.',
  },
  'not-versioned': {
    status: 409,
    title: 'Builds are not rolled out one by one here',
    next: 'Set WORKER_VERSIONING for workers and API, on a Temporal server that has Worker Versioning; without it the newest workers take everybody.',
  },
  ended: {
    status: 409,
    title: 'The enrollment has ended',
    next: 'Enroll the customer again where the journey allows it.',
  },
  'being-deleted': {
    status: 409,
    title: 'The customer is being deleted',
    next: 'Send it again in some minutes; it then begins a new customer.',
  },
  'limits-changed': {
    status: 409,
    title: 'Somebody else changed the limits meanwhile',
    next: 'Read GET /v1/limits, bring your change into what holds now, and send it with that revision as basedOn.',
  },
  'settings-changed': {
    status: 409,
    title: 'Somebody else changed the settings meanwhile',
    next: 'Read them again, bring your change into what holds now, and send it with that revision as basedOn.',
  },
  'needs-another-key': {
    status: 403,
    title: 'Who writes a draft does not decide on it',
    next: 'Ask the holder of another admin key to approve or reject it.',
  },
  'decided-before': {
    status: 409,
    title: 'The draft was decided on before',
    next: 'Look at GET /v1/limits/history; a further change is a new PUT /v1/limits.',
  },
  'task-taken': {
    status: 409,
    title: 'Another agent has the task',
    next: 'Take another one; a key of role operate may reassign it.',
  },
  'task-closed': {
    status: 409,
    title: 'The task is closed',
    next: 'Look at it: GET /v1/tasks/{id}; nothing is to be done any more.',
  },
  'task-not-now': {
    status: 409,
    title: 'The call may not be made now',
    next: 'Take another one; this one stays in its queue until it is due.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    next: 'An event may have 32 KB, a batch 500 KB, receipts 1 MB.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is not of a known type',
    next: 'Send application/json in UTF-8.',
  },
  'moved-time-refused': {
    status: 403,
    title: 'Clocks cannot be moved here',
    next: 'Set FAST_FORWARD=true in development; production refuses it.',
  },
  'temporal-unavailable': {
    status: 503,
    title: 'Temporal cannot be reached',
    next: 'Events are still accepted; try this call again after Retry-After.',
  },
  'database-unavailable': {
    status: 503,
    title: 'The database cannot be reached',
    next: 'Nothing was accepted; send it again after Retry-After.',
  },
  internal: {
    status: 500,
    title: 'Something broke on our side',
    next: 'Look for the request id in the log.',
  },
} as const

export type ProblemCode = keyof typeof problems

/** An error that reaches the caller as application/problem+json (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly errors: readonly { path: string; message: string }[] = [],
  ) {
    super(detail)
    this.name = 'Problem'
  }
}
