import { consoleRoutes } from '../console'
import type { Api } from '../deps'
import type { Route } from '../route'
import { confirmRoutes } from './confirm'
import { consentRoutes } from './consents'
import { customerRoutes } from './customers'
import { deletionRoutes } from './deletion'
import { decisionRoutes } from './decisions'
import { docsRoutes } from './docs'
import { enrollmentRoutes } from './enrollments'
import { graphRoute } from './graph'
import { inboxRoutes } from './inbox'
import { ingestRoutes } from './ingest'
import { journeyRoutes } from './journeys'
import { limitsRoutes } from './limits'
import { linkRoutes } from './links'
import { operationRoutes } from './operations'
import { preferenceRoutes } from './preferences'
import { receiptRoutes } from './receipts'
import { rolloutRoutes } from './rollout'
import { serviceRoutes } from './service'
import { setAsideRoutes } from './set-aside'
import { stopRoutes } from './stops'
import { suppressionRoutes } from './suppressions'
import { taskOrderRoute } from './task-orders'
import { taskRoutes } from './tasks'

/** Every way in. */
export function routes(api: Api): readonly Route[] {
  const documented = [
    ...ingestRoutes(api.limits),
    ...journeyRoutes,
    graphRoute,
    ...enrollmentRoutes,
    ...operationRoutes,
    ...rolloutRoutes,
    ...customerRoutes,
    ...deletionRoutes,
    ...consentRoutes,
    ...suppressionRoutes,
    ...setAsideRoutes,
    ...decisionRoutes,
    ...taskRoutes,
    taskOrderRoute,
    ...limitsRoutes,
    ...stopRoutes,
    ...linkRoutes,
    ...preferenceRoutes,
    ...confirmRoutes,
    ...receiptRoutes(api.limits),
    ...inboxRoutes,
    ...serviceRoutes,
  ]
  return [...documented, ...docsRoutes(documented, api), ...consoleRoutes]
}
