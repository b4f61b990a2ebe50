import type { Generated } from 'kysely'
import type { Json } from './schema'

/** Who was put into which ad audience. */
export interface AudienceMembersTable {
  id: Generated<number>
  /** Of one who was deleted none. */
  customer_id: string | null
  provider: string
  endpoint: string
  audience: string
  purpose: string
  member: Json<Record<string, unknown>>
  told_at: number
  /** Once they are to be taken out. */
  look_at: number | null
  attempts: Generated<number>
}
