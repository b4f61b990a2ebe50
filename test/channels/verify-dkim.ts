import { createHash, createVerify, type KeyObject } from 'node:crypto'

/** A mail as its receivers take it apart: header lines, unfolded ones still with their line ends, and the body. */
export function parted(raw: string): { headers: string[]; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  return { headers: raw.slice(0, end).split(/\r\n(?![ \t])/), body: raw.slice(end + 4) }
}

export const nameOf = (header: string): string => header.slice(0, header.indexOf(':')).trim().toLowerCase()

/** The tags of the mail's one DKIM-Signature; undefined without it. */
export function signatureOf(raw: string): Record<string, string> | undefined {
  const header = parted(raw).headers.find((each) => nameOf(each) === 'dkim-signature')
  const tags = header
    ?.slice(header.indexOf(':') + 1)
    .split(';')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  return (
    tags &&
    Object.fromEntries(
      tags.map((tag) => [tag.split('=', 1)[0], tag.slice(tag.indexOf('=') + 1).replace(/\s+/g, '')]),
    )
  )
}

/** RFC 6376 with rsa-sha256 and relaxed/relaxed, written from the RFC: whether the signature fits the mail. */
export function isSigned(raw: string, key: KeyObject): boolean {
  const tags = signatureOf(raw)
  if (!tags || tags.a !== 'rsa-sha256' || tags.c !== 'relaxed/relaxed') return false
  const { headers, body } = parted(raw)
  const bodyHash = createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64')
  if (bodyHash !== tags.bh) return false
  const left = [...headers]
  const signed = tags.h!.split(':').flatMap((name) => {
    const at = left.findLastIndex((header) => nameOf(header) === name.toLowerCase())
    return at < 0 ? [] : left.splice(at, 1).map((header) => `${relaxed(header)}\r\n`)
  })
  const own = headers.find((header) => nameOf(header) === 'dkim-signature')!
  const unsigned = relaxed(own.replace(/([;\s]b=)[^;]*$/, '$1'))
  return createVerify('RSA-SHA256')
    .update(signed.join('') + unsigned, 'latin1')
    .verify(key, tags.b!, 'base64')
}

const relaxed = (header: string): string =>
  `${nameOf(header)}:${header
    .slice(header.indexOf(':') + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim()}`

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  const text = lines.join('\r\n').replace(/(\r\n)+$/, '')
  return text === '' ? '' : `${text}\r\n`
}
