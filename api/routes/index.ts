import { consoleRoutes } from '../console'
import type { Api } from '../deps'
import type { Route } from '../route'
import { customerRoutes } from './customers'
import { docsRoutes } from './docs'
import { enrollmentRoutes } from './enrollments'
import { ingestRoutes } from './ingest'
import { journeyRoutes } from './journeys'
import { limitsRoutes } from './limits'
import { linkRoutes } from './links'
import { operationRoutes } from './operations'
import { serviceRoutes } from './service'
import { setAsideRoutes } from './set-aside'
import { stopRoutes } from './stops'

/** Every way in. */
export function routes(api: Api): readonly Route[] {
  const documented = [
    ...ingestRoutes(api.limits),
    ...journeyRoutes,
    ...enrollmentRoutes,
    ...operationRoutes,
    ...customerRoutes,
    ...setAsideRoutes,
    ...limitsRoutes,
    ...stopRoutes,
    ...linkRoutes,
    ...serviceRoutes,
  ]
  return [...documented, ...docsRoutes(documented, api), ...consoleRoutes]
}
