import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Logger } from '../../logger'

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

interface Configured {
  readonly mailReturnTlsCert?: string
  readonly mailReturnTlsKey?: string
}

/** Undefined where no TLS is wanted. Throws with a sentence where one of the two is missing. */
export function certificateFiles({
  mailReturnTlsCert: cert,
  mailReturnTlsKey: key,
}: Configured): CertificateFiles | undefined {
  if (cert && key) return { cert, key }
  if (!cert && !key) return undefined
  const missing = cert ? 'MAIL_RETURN_TLS_KEY' : 'MAIL_RETURN_TLS_CERT'
  throw new Error(`Mail cannot be taken over TLS: ${missing} is missing, and belongs to the other.`)
}

/** Throws with a sentence for files that are not there, or are not a certificate and its key. */
export function readCertificate(files: CertificateFiles): Certificate {
  try {
    const certificate = { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') }
    createSecureContext(certificate)
    return certificate
  } catch (error) {
    const { message } = error as Error
    throw new Error(
      `Mail cannot be taken over TLS (${message}): look at MAIL_RETURN_TLS_CERT and MAIL_RETURN_TLS_KEY.`,
    )
  }
}

/** Tells of a certificate that was renewed; files that are half written are looked at again the next time. */
export function watchCertificate(
  files: CertificateFiles,
  renewed: (certificate: Certificate) => void,
  { logger, everyMs }: { readonly logger: Logger; readonly everyMs: number },
): { stop(): void } {
  let known = readCertificate(files)
  const timer = setInterval(() => {
    try {
      const now = readCertificate(files)
      if (now.cert === known.cert && now.key === known.key) return
      known = now
      renewed(now)
      logger.info({ file: files.cert }, 'The certificate for mail was renewed')
    } catch (error) {
      logger.warn({ because: (error as Error).message }, 'The certificate for mail stays as it was')
    }
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
