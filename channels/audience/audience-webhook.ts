import type { Answer, Content, Membership, Outgoing, Patience, Provider, Recipient } from '../channel'
import { phoneNumber } from '../number'
import { signedWebhooks, type WebhookSettings } from '../signed-webhooks'
import { hashedIdentifiers, type AudienceForm, type Identifiers } from './identifiers'

export const audienceForms = ['google', 'meta'] as const satisfies readonly AudienceForm[]

export interface AudienceSettings extends Omit<WebhookSettings, 'endpoints'> {
  readonly endpoints: Readonly<
    Record<string, { readonly url: string; readonly secret: string; readonly form: AudienceForm }>
  >
}

/** Puts customers into audiences of ad platforms and takes them out, by signed webhooks that name them by hashes alone. */
export function audienceWebhook({ endpoints, ...settings }: AudienceSettings): Provider {
  const { post, close } = signedWebhooks({ ...settings, endpoints: withoutForm(endpoints) })

  const formOf = (name: string): AudienceForm | undefined =>
    Object.hasOwn(endpoints, name) ? endpoints[name]!.form : undefined

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const { endpoint, isRemoval } = aimOf(outgoing)
    const { audience } = outgoing.content
    const form = formOf(endpoint)
    if (!form) return { is: 'refused', because: `there is no audience endpoint named ${endpoint}` }
    const customer = audience?.hashed ?? hashedIdentifiers(form, knownBy(outgoing.content))
    if (!customer) return { is: 'refused', because: 'neither its email nor its phone is one' }
    const type = isRemoval ? 'audience.remove' : 'audience.add'
    const data = { audience: audience?.id, form, ...customer }
    return post(endpoint, outgoing.ref, { type, timestamp: new Date().toISOString(), data }, patience)
  }

  function membership(outgoing: Outgoing): Membership | undefined {
    const { endpoint, isRemoval } = aimOf(outgoing)
    const form = formOf(endpoint)
    const member = form && hashedIdentifiers(form, knownBy(outgoing.content))
    if (!member) return undefined
    const { id: audience = '' } = outgoing.content.audience ?? {}
    return { is: isRemoval ? 'leaves' : 'joins', endpoint, audience, member }
  }

  const named = { name: 'audience-webhook', channel: 'audience' }
  return { ...named, idempotent: true, address: addressOf, membership, send, close }
}

/** After the endpoint's name; see `removeFromAudience` in the sdk. */
const REMOVING = '/remove'

function aimOf({ endpoint = '' }: Outgoing): { endpoint: string; isRemoval: boolean } {
  const [name = '', removing] = endpoint.split(REMOVING)
  return { endpoint: name, isRemoval: removing !== undefined }
}

function withoutForm(endpoints: AudienceSettings['endpoints']): WebhookSettings['endpoints'] {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, { url, secret }]) => [name, { url, secret }]),
  )
}

/**
 * Who is suppressed under their mailbox or number is not put into an audience; taking out is never suppressed, so it has no
 * address that could be.
 */
function addressOf({ id, traits: { email, phone } }: Recipient, endpoint = ''): string | undefined {
  if (endpoint.endsWith(REMOVING)) return `customer ${id}`
  return [email, phone].find((trait): trait is string => typeof trait === 'string' && trait.trim() !== '')
}

function knownBy({ audience: { email, phone } = { id: '' } }: Content): Identifiers {
  return {
    email: email !== undefined && /^\S+@\S+\.\S+$/.test(email.trim()) ? email : undefined,
    phone: phone === undefined ? undefined : phoneNumber(phone),
  }
}
