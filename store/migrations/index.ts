import * as first from './0001-first'
import * as partitions from './0002-partitions'
import * as contactRules from './0003-contact-rules'
import * as deletions from './0004-deletions'
import * as functions from './0005-functions'
import * as decisions from './0006-decisions'
import * as receipts from './0007-receipts'
import * as tasks from './0008-tasks'
import * as models from './0009-models'
import * as devices from './0010-devices'
import * as judging from './0011-judging'
import * as inbox from './0012-inbox'
import * as forgetting from './0013-forgetting'
import * as shadows from './0014-shadows'

export interface Migration {
  readonly name: string
  readonly sql: string
}

/** In the order in which they run. Only ever added to: a database that ran one refuses another text under its name. */
export const migrations: readonly Migration[] = [
  { name: '0001-first', sql: first.sql },
  { name: '0002-partitions', sql: partitions.sql },
  { name: '0003-contact-rules', sql: contactRules.sql },
  { name: '0004-deletions', sql: deletions.sql },
  { name: '0005-functions', sql: functions.sql },
  { name: '0006-decisions', sql: decisions.sql },
  { name: '0007-receipts', sql: receipts.sql },
  { name: '0008-tasks', sql: tasks.sql },
  { name: '0009-models', sql: models.sql },
  { name: '0010-devices', sql: devices.sql },
  { name: '0011-judging', sql: judging.sql },
  { name: '0012-inbox', sql: inbox.sql },
  { name: '0013-forgetting', sql: forgetting.sql },
  { name: '0014-shadows', sql: shadows.sql },
]
