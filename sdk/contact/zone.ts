import { isZone } from '../time/zones'
import { callingCodes, countryZones } from './country-table'

/** Where the customer's time zone may be known from when the profile does not say. */
export interface ZoneDefaults {
  readonly journey?: string
  readonly deployment: string
}

/** A zone, and where it was taken from, in words that go on record. */
export interface KnownZone {
  readonly name: string
  readonly source: string
}

/**
 * The zone of a customer's clock: the profile's; else the one of country or phone number, where it has but one; else the
 * journey's; else the deployment's; UTC where even that is not known. `source` also says which zones were passed over.
 */
export function zoneOf(
  traits: Readonly<Record<string, unknown>>,
  { journey, deployment }: ZoneDefaults,
): KnownZone {
  const found = [
    ...toldBy(traits),
    { source: 'journey', name: journey },
    { source: 'deployment', name: deployment },
  ]
  const known = found.findIndex(({ name }) => isKnown(name))
  const lost = found.slice(0, known < 0 ? undefined : known).filter(({ name }) => isSaid(name))
  const { name, source } = known < 0 ? { name: 'UTC', source: 'nowhere' } : found[known]!
  return { name: name as string, source: [source, ...lost.map(inWords)].join('; ') }
}

/** The zone that the profile tells, as `zoneOf` has it; undefined where it tells none. */
export const ownZone = (traits: Readonly<Record<string, unknown>>): string | undefined =>
  toldBy(traits)
    .map(({ name }) => name)
    .find(isKnown) as string | undefined

/** Traits that the zone may be known by. */
export const zoneTraits = ['timezone', 'country', 'address', 'phone'] as const

/**
 * What a change of traits does to the zone that the profile tells: undefined where it is what it was, null where it tells none
 * any more. A zone that was said outweighs the rest.
 */
export function changedZone(
  traits: Readonly<Record<string, unknown>>,
  changed: Readonly<Record<string, unknown>>,
): string | null | undefined {
  if (!zoneTraits.some((trait) => Object.hasOwn(changed, trait))) return undefined
  const isSaid = ownZone({ timezone: traits.timezone }) !== undefined
  return isSaid && !Object.hasOwn(changed, 'timezone') ? undefined : (ownZone(traits) ?? null)
}

const toldBy = (traits: Readonly<Record<string, unknown>>) => [
  { source: 'profile', name: traits.timezone },
  placeOf(traits),
]

/** The customer's country, ISO 3166-1 in capitals, where the profile leaves no doubt. */
export function countryOf(traits: Readonly<Record<string, unknown>>): string | undefined {
  const said = saidCountry(traits)
  if (said) return said
  const meaning = meaningOfPhone(traits.phone)
  return meaning && isCountry(meaning) ? meaning : undefined
}

/** A country that was said decides, also where it has several zones: the phone may be from elsewhere. */
function placeOf(traits: Readonly<Record<string, unknown>>): { source: string; name: string | undefined } {
  const said = saidCountry(traits)
  if (said) return { source: 'country', name: entry(countryZones, said) }
  const meaning = meaningOfPhone(traits.phone)
  return { source: 'phone', name: meaning && isCountry(meaning) ? entry(countryZones, meaning) : meaning }
}

function saidCountry({ country, address }: Readonly<Record<string, unknown>>): string | undefined {
  const said = [country, (address as { country?: unknown } | null | undefined)?.country]
  const codes = said.map((each) => (typeof each === 'string' ? each.trim().toUpperCase() : ''))
  return codes.find(isCountry)
}

const isCountry = (code: string): boolean =>
  /^[A-Z]{2}$/.test(code) && entry(countryZones, code) !== undefined

/** E.164, with whatever people write between the digits. */
const phoneForm = /^\+[\d\s().\-/]+$/

/** What the calling code of a number says: a country, or the one zone of several. A number without a calling code says nothing. */
function meaningOfPhone(phone: unknown): string | undefined {
  if (typeof phone !== 'string' || !phoneForm.test(phone.trim())) return undefined
  const digits = phone.replace(/\D/g, '')
  if (digits.length < 7 || digits.length > 15) return undefined
  const meanings = [1, 2, 3].map((length) => entry(callingCodes, digits.slice(0, length)))
  return meanings.find((meaning) => meaning !== undefined) || undefined
}

/** What the table says of a key: undefined where it has none, '' where the key has no meaning. */
function entry(table: string, key: string): string | undefined {
  const place = table.indexOf(`,${key}=`)
  if (place < 0) return undefined
  const from = place + key.length + 2
  return table.slice(from, table.indexOf(',', from))
}

const isKnown = (name: unknown): boolean => typeof name === 'string' && isZone(name)
const isSaid = (name: unknown): boolean => name !== undefined && name !== null && name !== ''

/** A profile may hold anything as its zone: what does not look like one is not repeated. */
const looksLikeZone = /^[A-Za-z]{2,20}\/[A-Za-z0-9_+/-]{1,40}$/

const inWords = ({ name, source }: { name?: unknown; source: string }): string =>
  typeof name === 'string' && looksLikeZone.test(name)
    ? `${source} says "${name}", which is not known`
    : `${source} says what is not a zone`
