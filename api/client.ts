// What a service with a Temporal client of its own needs: `sojourn/client`.
export { customerRef } from '../sdk/customer-ref'
export { enrollmentId, parseEnrollmentId } from '../sdk/ids'
export * from '../workflows/enrollment/protocol'
