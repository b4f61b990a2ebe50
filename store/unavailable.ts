const socketCodes = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN'.split(
    ' ',
  ),
)
/** Connection exceptions, shutdown and start-up of the server, no connection left, idle session ended. */
const serverCodes = /^(08...|57P0[1-5]|53300|25P03)$/
/** Errors of the clients that carry no code. */
const messages =
  /^(timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated|Client (has encountered|was closed)|Cannot use a pool after|PGlite is closed|driver has already been destroyed)/

/** The database did not answer, or not in time. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway'
}

/** Whether the error means that the database cannot be reached now, rather than that it refused what was asked. */
export function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if (error instanceof DatabaseAway) return true
  const { code = '', syscall, message = '', cause } = error as NodeJS.ErrnoException
  const noSocketFile = code === 'ENOENT' && syscall === 'connect'
  return (
    noSocketFile ||
    socketCodes.has(code) ||
    serverCodes.test(code) ||
    messages.test(message) ||
    isUnavailable(cause)
  )
}
