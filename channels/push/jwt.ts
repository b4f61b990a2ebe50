import { sign, type KeyObject } from 'node:crypto'

/** A signed JSON Web Token (RFC 7519): `alg` in the header must be the key's, RS256 or ES256. */
export function jwt(header: object, claims: object, key: KeyObject): string {
  const text = `${encoded(header)}.${encoded(claims)}`
  // For RSA the encoding says nothing; for ES256 RFC 7518 asks for the two numbers side by side.
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
