import { z } from 'zod'
import type { MetaReceiptSettings } from './meta-receipts'
import type { MetaSettings } from './meta-whatsapp'

const right = (error: string) => ({ error })

/** The settings of WhatsApp at Meta, for config.ts. */
export const metaSettingKeys = {
  META_TOKEN: z
    .string()
    .optional()
    .describe('sends WhatsApp by Meta itself, with the next: token of a system user'),
  META_WHATSAPP_NUMBER_ID: z
    .string()
    .regex(/^\d{5,25}$/, right('it must be the id of a number at Meta: digits alone, and not the number'))
    .optional()
    .describe('the id of the number that they come from'),
  META_APP_SECRET: z
    .string()
    .optional()
    .describe('of the app at Meta: takes receipts and answers at /receipts/meta'),
  META_VERIFY_TOKEN: z
    .string()
    .min(16, right('it must be at least 16 characters'))
    .optional()
    .describe('a word of yours, by which Meta is told that /receipts/meta is yours'),
  META_URL: z
    .url({ protocol: /^https?$/, ...right('it must be a URL such as https://graph.facebook.com/v25.0') })
    .default('https://graph.facebook.com/v25.0')
    .describe('Meta’s Graph API, with its version'),
}

export const metaSecrets = ['META_TOKEN', 'META_APP_SECRET', 'META_VERIFY_TOKEN']

export interface MetaConfigured {
  readonly metaToken?: string
  readonly metaWhatsappNumberId?: string
  readonly metaAppSecret?: string
  readonly metaVerifyToken?: string
  readonly metaUrl: string
}

export function metaSettings(config: MetaConfigured): MetaSettings | undefined {
  const { metaToken: token, metaWhatsappNumberId: numberId, metaUrl: url } = config
  return token && numberId ? { token, numberId, url } : undefined
}

/** An answer to STOP is to be given while Meta waits for ours. */
const TIMEOUTS = { inline: 3_000, reply: 5_000 }

export function metaReceiptSettings(config: MetaConfigured): MetaReceiptSettings | undefined {
  const { metaAppSecret: appSecret, metaVerifyToken: verifyToken, metaToken: token, metaUrl: url } = config
  return appSecret ? { appSecret, verifyToken, token, url, timeouts: TIMEOUTS } : undefined
}
