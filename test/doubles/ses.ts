import { randomBytes } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { simpleParser, type ParsedMail } from 'mailparser'
import { Double, type Asked, type Examined } from './provider'

export interface SesMail {
  readonly id: string
  readonly request: any
  readonly mail: Promise<ParsedMail>
}

export const sesKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'a-secret-of-tests',
  region: 'eu-central-1',
}

const signer = new SignatureV4({ credentials: sesKeys, region: sesKeys.region, service: 'ses', sha256: Sha256, applyChecksum: false }) // prettier-ignore

/** POST /v2/email/outbound-emails as Amazon documents it; the signature is computed anew by Amazon's own code. */
export const sesDouble = (): Promise<Double<SesMail>> => Double.open(examine)

const fault = (status: number, type: string, message: string): Examined<SesMail> => ({
  says: { status, headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/` }, body: { message } },
})

async function examine(asked: Asked): Promise<Examined<SesMail>> {
  if (asked.method !== 'POST' || asked.path !== '/v2/email/outbound-emails')
    return fault(404, 'NotFoundException', 'Not found')
  if (!(await isSigned(asked)))
    return fault(
      401,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    )
  const request = JSON.parse(asked.body)
  const [to = ''] = request.Destination?.ToAddresses ?? []
  const raw = Buffer.from(request.Content?.Raw?.Data ?? '', 'base64')
  if (!raw.includes('From:')) return fault(400, 'BadRequestException', 'Missing required header ‘From’.')
  if (to.startsWith('blocked@')) return fault(400, 'MessageRejected', `Address ${to} is not verified.`)
  if (to.startsWith('paused@'))
    return fault(400, 'SendingPausedException', 'Sending is paused for this account.')
  for (const { Name, Value } of request.EmailTags ?? [])
    if (!/^[\w-]{1,256}$/.test(Name) || !/^[\w.@-]{1,256}$/.test(Value))
      return fault(400, 'BadRequestException', `Invalid tag ${Name}.`)
  const id = `${randomBytes(8).toString('hex')}-${randomBytes(4).toString('hex')}-000000`
  return { takes: { id, request, mail: simpleParser(raw) }, says: { status: 200, body: { MessageId: id } } }
}

/** Within five minutes, over the headers that it names, which must be all that matter. */
async function isSigned({ method, path, headers, body }: Asked): Promise<boolean> {
  const date = String(headers['x-amz-date'])
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
  if (!['host', 'x-amz-date', 'content-type'].every((name) => names.includes(name))) return false
  const signingDate = new Date(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  )
  if (!(Math.abs(Date.now() - signingDate.getTime()) < 5 * 60_000)) return false
  const [hostname = '', port] = String(headers.host).split(':')
  const own = Object.fromEntries(names.map((name) => [name, String(headers[name])]))
  const request = {
    method,
    path,
    protocol: 'http:',
    hostname,
    port: Number(port),
    query: {},
    headers: own,
    body,
  }
  const { headers: theirs } = await signer.sign(request, { signingDate })
  return theirs.authorization === headers.authorization
}
