import { randomUUID } from 'node:crypto'
import { Connection, ServiceError } from '@temporalio/client'
import { ensureNamespace, ensureSearchAttributes } from '../../workers/servers/namespace'

// Temporal Cloud shows no operator service; the rest of the server is the real one.

let connection: Connection

beforeAll(async () => {
  connection = await Connection.connect({ address: process.env.SOJOURN_TEST_TEMPORAL! })
})
afterAll(() => connection.close())

/** The connection as Temporal Cloud gives it: whatever is asked of the operator service is denied. */
function withoutOperator(code: number): Connection {
  const denied = async () => {
    throw Object.assign(new ServiceError('Request unauthorized.'), { code })
  }
  const operatorService = { listSearchAttributes: denied, addSearchAttributes: denied }
  return Object.create(connection, { operatorService: { value: operatorService } })
}

const [permissionDenied, unimplemented, unavailable] = [7, 12, 14]

test.each([permissionDenied, unimplemented])('attributes that exist are enough (code %d)', async (code) => {
  await ensureSearchAttributes(withoutOperator(code!), 'default')
})

test('attributes that are missing are named, and made where that is allowed', async () => {
  const namespace = `bare-${randomUUID()}`
  await ensureNamespace(connection, namespace)
  await expect(ensureSearchAttributes(withoutOperator(permissionDenied!), namespace)).rejects.toThrow(
    `namespace ${namespace} lacks search attributes and they may not be made from here: make SojournJourney, SojournStep, SojournStatus, SojournCustomer, each a Keyword`,
  )
  await ensureSearchAttributes(connection, namespace)
  await ensureSearchAttributes(withoutOperator(permissionDenied!), namespace)
})

test('a server that is away is no server that denies', async () => {
  await expect(ensureSearchAttributes(withoutOperator(unavailable!), 'default')).rejects.toThrow('Request unauthorized.') // prettier-ignore
})
