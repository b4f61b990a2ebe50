import type { Db } from './schema'
import type { OperationStore } from './store'
import { canonical } from './transact'

export const operationStore = (db: Db): OperationStore => ({
  async record(id, { enrollmentId, entry, action, by, reason }) {
    await db
      .insertInto('operations')
      .values({ id, enrollment_id: enrollmentId, entry, action, by, reason })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },
  ofCustomer: (customerId, limit) =>
    db
      .selectFrom('operations')
      .innerJoin('enrollments', (join) =>
        join
          .onRef('enrollments.workflow_id', '=', 'operations.enrollment_id')
          .onRef('enrollments.entry', '=', 'operations.entry'),
      )
      .where('enrollments.customer_id', '=', canonical(customerId))
      .select([
        'operations.enrollment_id as enrollmentId',
        'operations.entry',
        'action',
        'by',
        'reason',
        'at',
      ])
      .orderBy('at', 'desc')
      .orderBy('operations.id', 'desc')
      .limit(limit)
      .execute(),
})
