import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Patience } from '../channel'
import type { HttpClient, Told } from '../http'
import { objectOf, textOf } from '../json'
import { retryAfterMs } from '../retry-after'
import { jwt } from './jwt'

/** What Google's file of a service account holds, as far as it concerns us. */
export interface ServiceAccount {
  readonly projectId: string
  readonly clientEmail: string
  readonly keyId?: string
  readonly privateKey: KeyObject
  readonly tokenUri: string
}

/** Reads the JSON of a service account's key file; undefined for anything else. */
export function serviceAccount(json: string): ServiceAccount | undefined {
  try {
    const file = objectOf(JSON.parse(json))
    const [projectId, clientEmail] = [textOf(file.project_id), textOf(file.client_email)]
    const tokenUri = textOf(file.token_uri) ?? 'https://oauth2.googleapis.com/token'
    // A project's id goes into an address.
    if (!projectId || !/^[a-z0-9.:-]+$/.test(projectId) || !clientEmail || !URL.canParse(tokenUri))
      return undefined
    const privateKey = createPrivateKey(String(file.private_key))
    return { projectId, clientEmail, keyId: textOf(file.private_key_id), privateKey, tokenUri }
  } catch {
    return undefined
  }
}

/** An access token, or why there is none. */
export type Granted =
  | { readonly is: 'granted'; readonly token: string }
  | { readonly is: 'denied'; readonly because: string; readonly retryAfterMs?: number }

export interface AccessTokens {
  /** The one at hand, or a new one; whoever asks meanwhile waits for the same. */
  get(patience: Patience): Promise<Granted>
  /** The next is a new one. */
  forget(): void
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'
const LIFE_S = 3_600
/** Before a token ends: time for the requests that carry it. */
const MARGIN_MS = 5 * 60_000

/** Access tokens for a service account: a signed assertion (RFC 7523) buys one for an hour. */
export function accessTokens(account: ServiceAccount, client: HttpClient, now = Date.now): AccessTokens {
  let current: { readonly granted: Promise<Granted>; until: number } | undefined

  function ask(patience: Patience): Promise<Granted> {
    const asked = { granted: bought(account, client, patience, now()), until: Infinity }
    current = asked
    return asked.granted.then((granted) => {
      asked.until = granted.is === 'granted' ? now() + granted.lifeMs - MARGIN_MS : 0
      return granted
    })
  }

  return {
    get: (patience) => (current && now() < current.until ? current.granted : ask(patience)),
    forget: () => (current = undefined),
  }
}

type Bought =
  (Extract<Granted, { is: 'granted' }> & { readonly lifeMs: number }) | Extract<Granted, { is: 'denied' }>

async function bought(
  account: ServiceAccount,
  client: HttpClient,
  patience: Patience,
  now: number,
): Promise<Bought> {
  const grant = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertionOf(account, now),
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(grant).toString()
  return readGrant(await client.post({ url: account.tokenUri, headers, body }, patience))
}

function readGrant(told: Told): Bought {
  if (told.is !== 'answered') return { is: 'denied', because: `Google gave no access token: ${told.because}` }
  const { status, headers, json } = told.answer
  const { access_token: token, expires_in: seconds, error } = objectOf(json)
  if (status === 200 && typeof token === 'string')
    return { is: 'granted', token, lifeMs: (typeof seconds === 'number' ? seconds : LIFE_S) * 1_000 }
  const said = textOf(error) ?? 'and said nothing'
  const because = `Google gave no access token: it answered ${status}, ${said}; look at FCM_SERVICE_ACCOUNT`
  return { is: 'denied', because, retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()) }
}

function assertionOf({ clientEmail, keyId, tokenUri, privateKey }: ServiceAccount, now: number): string {
  const iat = Math.floor(now / 1_000)
  const claims = { iss: clientEmail, scope: SCOPE, aud: tokenUri, iat, exp: iat + LIFE_S }
  return jwt({ alg: 'RS256', typ: 'JWT', kid: keyId }, claims, privateKey)
}
