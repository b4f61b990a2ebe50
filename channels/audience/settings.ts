import { z } from 'zod'
import { endpoint, namedEndpoints } from '../endpoints'
import { audienceForms, type AudienceSettings } from './audience-webhook'

const audienceEndpoint = endpoint.extend({ form: z.enum(audienceForms) })

/** The settings of ad audiences, for config.ts. */
export const audienceSettingKeys = {
  AUDIENCE_ENDPOINTS: namedEndpoints(
    audienceEndpoint,
    '{"ads": {"url": "https://…", "secret": "whsec_…", "form": "google"}}, the form google or meta',
  )
    .default({})
    .describe('JSON object: name to { url, secret, form } of who keeps ad audiences'),
}

export interface AudienceConfigured {
  readonly audienceEndpoints: AudienceSettings['endpoints']
}

export const audienceSettings = (
  { audienceEndpoints: endpoints }: AudienceConfigured,
  allowPrivate: boolean,
): AudienceSettings | undefined =>
  Object.keys(endpoints).length > 0 ? { endpoints, allowPrivate } : undefined
