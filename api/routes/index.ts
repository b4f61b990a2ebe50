import { consoleRoutes } from '../console'
import type { Api } from '../deps'
import type { Route } from '../route'
import { customerRoutes } from './customers'
import { docsRoutes } from './docs'
import { enrollmentRoutes } from './enrollments'
import { ingestRoutes } from './ingest'
import { journeyRoutes } from './journeys'
import { linkRoutes } from './links'
import { operationRoutes } from './operations'
import { serviceRoutes } from './service'
import { setAsideRoutes } from './set-aside'

/** Every way in. */
export function routes(api: Api): readonly Route[] {
  const documented = [
    ...ingestRoutes(api.limits),
    ...journeyRoutes,
    ...enrollmentRoutes,
    ...operationRoutes,
    ...customerRoutes,
    ...setAsideRoutes,
    ...linkRoutes,
    ...serviceRoutes,
  ]
  return [...documented, ...docsRoutes(documented, api), ...consoleRoutes]
}
