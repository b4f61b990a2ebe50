import { z } from 'zod'

const right = (error: string) => ({ error })

/** The settings of the mail that comes back, for config.ts. */
export const mailReturnSettings = {
  MAIL_RETURN_DOMAIN: z
    .string()
    .regex(
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i,
      right('it must be a domain such as bounces.shop.example'),
    )
    .optional()
    .describe(
      'domain whose mail comes to our listener: mails by SMTP get a return path there, and bounces are read',
    ),
  MAIL_RETURN_PORT: z
    .string()
    .regex(/^\d{1,5}$/, right('it must be a whole number from 0 to 65535'))
    .transform(Number)
    .default(2526)
    .describe('port on which the API takes that mail; 0 takes a free one'),
  MAIL_RETURN_TLS_CERT: z
    .string()
    .optional()
    .describe('file of the certificate, and its chain, in PEM: that mail may come over TLS (STARTTLS)'),
  MAIL_RETURN_TLS_KEY: z.string().optional().describe('file of its private key, in PEM'),
  MAIL_REPLIES: z
    .enum(['sender', 'journeys'], right('it must be sender or journeys'))
    .default('sender')
    .describe(
      'where people’s answers go: to the `sender`’s mailbox, or to the `journeys` by a Reply-To at MAIL_RETURN_DOMAIN',
    ),
}
