import { createHash, createHmac } from 'node:crypto'

export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string
}

export interface ToSign {
  readonly method: string
  /** Path and query must be in their canonical form already: sorted, percent-encoded. */
  readonly url: URL
  readonly body: string
  readonly region: string
  readonly service: string
  /** Signed along with the host and the date; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly now: Date
}

/** The headers that sign a request with AWS's Signature Version 4. */
export function signed(keys: AwsKeys, { url, now, ...asked }: ToSign): Record<string, string> {
  const date = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const headers: Record<string, string> = {
    ...asked.headers,
    host: url.host,
    'x-amz-date': date,
    ...(keys.sessionToken && { 'x-amz-security-token': keys.sessionToken }),
  }
  const names = Object.keys(headers).sort()
  const canonical = [
    asked.method,
    url.pathname,
    url.search.slice(1),
    ...names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    sha256(asked.body),
  ].join('\n')
  const scope = [date.slice(0, 8), asked.region, asked.service, 'aws4_request']
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${keys.secretAccessKey}`,
  )
  const signature = hmac(key, toSign).toString('hex')
  const credential = `${keys.accessKeyId}/${scope.join('/')}`
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
