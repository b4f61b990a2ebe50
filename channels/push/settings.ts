import { z } from 'zod'
import type { FcmSettings } from './fcm'
import { serviceAccount } from './google-token'
import { vapidKeys } from './vapid'
import type { WebPushSettings } from './web-push'

const right = (error: string) => ({ error })

/** The settings of notifications, for config.ts. */
export const pushSettings = {
  FCM_SERVICE_ACCOUNT: z
    .string()
    .refine(
      (value) => serviceAccount(value) !== undefined,
      right('it must be the JSON of a service account’s key file, on one line'),
    )
    .optional()
    .describe('sends notifications to apps by FCM: the key file of a service account, as JSON on one line'),
  FCM_URL: z
    .url({ protocol: /^https?$/, ...right('it must be a URL such as https://fcm.googleapis.com') })
    .default('https://fcm.googleapis.com')
    .describe('where FCM’s API is'),
  VAPID_PRIVATE_KEY: z
    .string()
    .refine(
      (value) => vapidKeys(value) !== undefined,
      right('it must be a P-256 private key: 32 bytes in base64url'),
    )
    .optional()
    .describe('sends notifications to browsers (web push), with the next one'),
  VAPID_SUBJECT: z
    .string()
    .regex(
      /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/,
      right('it must be mailto: and an address, or an https URL'),
    )
    .optional()
    .describe('whom push services may turn to, such as mailto:ops@shop.example'),
}

export const pushSecrets = ['FCM_SERVICE_ACCOUNT', 'VAPID_PRIVATE_KEY']

export interface PushConfigured {
  readonly fcmServiceAccount?: string
  readonly fcmUrl: string
  readonly vapidPrivateKey?: string
  readonly vapidSubject?: string
}

export function fcmSettings({ fcmServiceAccount, fcmUrl: url }: PushConfigured): FcmSettings | undefined {
  const account = fcmServiceAccount === undefined ? undefined : serviceAccount(fcmServiceAccount)
  return account && { account, url }
}

export function webPushSettings(
  { vapidPrivateKey, vapidSubject: subject }: PushConfigured,
  allowPrivate: boolean,
): WebPushSettings | undefined {
  const keys = vapidPrivateKey === undefined ? undefined : vapidKeys(vapidPrivateKey)
  return keys && subject ? { keys, subject, allowPrivate } : undefined
}
