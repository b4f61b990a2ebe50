import type { Answer, Content, Outgoing, Patience, Provider, Recipient } from '../channel'
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

  async function send({ endpoint = '', ref, content }: Outgoing, patience: Patience): Promise<Answer> {
    const [name = '', removing] = endpoint.split(REMOVING)
    const form = Object.hasOwn(endpoints, name) ? endpoints[name]!.form : undefined
    if (!form) return { is: 'refused', because: `there is no audience endpoint named ${name}` }
    const customer = hashedIdentifiers(form, knownBy(content))
    if (!customer) return { is: 'refused', because: 'neither its email nor its phone is one' }
    const type = removing === undefined ? 'audience.add' : 'audience.remove'
    const data = { audience: content.audience?.id, form, ...customer }
    return post(name, ref, { type, timestamp: new Date().toISOString(), data }, patience)
  }

  return { name: 'audience-webhook', channel: 'audience', idempotent: true, address: addressOf, send, close }
}

/** After the endpoint's name; see `removeFromAudience` in the sdk. */
const REMOVING = '/remove'

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
