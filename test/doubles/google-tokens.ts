import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import { Double, type Asked, type Examined } from './provider'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ours = { client_email: 'journeys@shop.iam.gserviceaccount.com', private_key_id: 'key-1' }

export interface GoogleTokens extends Double<string> {
  /** Those it gave, and takes back by their absence. */
  readonly valid: Set<string>
}

/** A key file as Google gives it, for this double. */
export const keyFile = (url: string, more: object = {}): string =>
  JSON.stringify({
    type: 'service_account',
    project_id: 'shop-1',
    ...ours,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: `${url}/token`,
    ...more,
  })

/** POST /token as RFC 7523 and Google document it: a signed assertion for the right audience, scope and hour buys a token. */
export async function googleTokensDouble(): Promise<GoogleTokens> {
  const valid = new Set<string>()
  const double: Double<string> = await Double.open((asked) => examine(asked, valid, `${double.url}/token`))
  return Object.assign(double, { valid })
}

const invalid = (error_description: string): Examined<string> => ({
  says: { status: 400, body: { error: 'invalid_grant', error_description } },
})

function examine(
  { method, path, headers, body }: Asked,
  valid: Set<string>,
  audience: string,
): Examined<string> {
  if (method !== 'POST' || path !== '/token') return { says: { status: 404, body: { error: 'not_found' } } }
  const fields = new URLSearchParams(body)
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') return invalid('Bad Request')
  if (fields.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return { says: { status: 400, body: { error: 'unsupported_grant_type' } } }
  const assertion = fields.get('assertion') ?? ''
  const wrong = faultOf(assertion, audience)
  if (wrong) return invalid(wrong)
  const token = `ya29.${randomBytes(12).toString('hex')}`
  valid.add(token)
  return {
    takes: token,
    says: { status: 200, body: { access_token: token, expires_in: 3_599, token_type: 'Bearer' } },
  }
}

function faultOf(assertion: string, audience: string): string | undefined {
  const [head = '', claims = '', signature = ''] = assertion.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}')
  const signed = Buffer.from(`${head}.${claims}`)
  const { alg, kid } = read(head)
  const { iss, aud, scope, iat, exp } = read(claims)
  const seconds = Date.now() / 1_000
  if (alg !== 'RS256' || kid !== ours.private_key_id || iss !== ours.client_email) return 'Invalid issuer.'
  if (!verify('sha256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url')))
    return 'Invalid JWT Signature.'
  if (aud !== audience || scope !== 'https://www.googleapis.com/auth/firebase.messaging')
    return 'Invalid audience.'
  if (!(exp - iat <= 3_600 && Math.abs(seconds - iat) < 60)) return 'Invalid JWT: it must be short-lived.'
  return undefined
}
