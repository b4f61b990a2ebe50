import type { SmtpSettings } from '../channels/email/smtp'
import type { Config } from '../config'

/** How mails are sent by the server at `url`. */
export const mailSettings = (
  { mailFrom, publicUrl, dkimDomain, dkimSelector, dkimPrivateKey }: Config,
  url: string,
): SmtpSettings => ({
  url,
  from: mailFrom,
  publicUrl,
  dkim: { domain: dkimDomain, selector: dkimSelector, privateKey: dkimPrivateKey },
})
