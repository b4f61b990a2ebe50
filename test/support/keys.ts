import { createHash } from 'node:crypto'
import type { ApiKey, Role } from '../../api/keys'

/** A key whose text is its name. */
export const keyNamed = (name: string, role: Role): ApiKey => ({
  name,
  role,
  hash: createHash('sha256').update(name).digest('hex'),
})
