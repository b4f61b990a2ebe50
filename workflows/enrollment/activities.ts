import {
  ActivityCancellationType,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  sleep,
} from '@temporalio/workflow'
import type { SojournActivities } from '../../activities'
import type { Deeds } from '../../sdk/host'
import type { Delivered, Settled, TouchpointToDeliver } from '../../sdk/touchpoint'

const MINUTE = 60_000
const retrySoon = { initialInterval: 200, backoffCoefficient: 2, maximumAttempts: 3 }

// Inline first: a local activity costs one history event. The ledger makes its repeats harmless.
const inlineOptions = { startToCloseTimeout: 10_000, retry: retrySoon }
const inline = proxyLocalActivities<SojournActivities>(inlineOptions)
const inlineSendOptions = { startToCloseTimeout: 2 * MINUTE, retry: retrySoon }
const inlineSend = proxyLocalActivities<SojournActivities>(inlineSendOptions)

// When the database or a provider is away or slow: the server keeps the retries, which cost no history.
const patientOptions = {
  startToCloseTimeout: 2 * MINUTE,
  retry: { initialInterval: 2_000, backoffCoefficient: 2, maximumInterval: 10 * MINUTE },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
}
const patient = proxyActivities<SojournActivities>(patientOptions)

type Facts = keyof Deeds | 'recordStatus'

/** Runs one of our own activities until it succeeds: inline, then patiently. */
export async function durably<Name extends Facts>(
  name: Name,
  summary: string,
  ...args: Parameters<SojournActivities[Name]>
): Promise<Awaited<ReturnType<SojournActivities[Name]>>> {
  try {
    return await callable<Name>(inline, name).executeWithOptions({ ...inlineOptions, summary }, args)
  } catch (error) {
    if (isCancellation(error)) throw error
    return callable<Name>(patient, name).executeWithOptions({ ...patientOptions, summary }, args)
  }
}

interface Callable<Name extends Facts> {
  executeWithOptions(
    options: object,
    args: Parameters<SojournActivities[Name]>,
  ): Promise<Awaited<ReturnType<SojournActivities[Name]>>>
}

// The proxies' types lose themselves in a generic name.
const callable = <Name extends Facts>(proxy: object, name: Name): Callable<Name> =>
  (proxy as Record<Name, Callable<Name>>)[name]

/**
 * Delivers one touchpoint: inline, and when the provider is busy or something is away, as an activity that is retried for
 * long; `whenBusy` is called before that.
 */
export async function deliver(touchpoint: TouchpointToDeliver, whenBusy: () => void): Promise<Settled> {
  const summary = `${touchpoint.step}: ${touchpoint.message.channel} ${touchpoint.message.template}`
  let delivered: Delivered
  try {
    delivered = await inlineSend.deliver.executeWithOptions({ ...inlineSendOptions, summary }, [
      touchpoint,
      'inline',
    ])
  } catch (error) {
    if (isCancellation(error)) throw error
    delivered = { is: 'busy', because: 'the inline attempt failed' }
  }
  if (delivered.is !== 'busy') return delivered
  whenBusy()
  if (delivered.retryAfterMs)
    await sleep(Math.min(delivered.retryAfterMs, 60 * MINUTE), {
      summary: `${touchpoint.step}: provider asks to wait`,
    })
  return (await patient.deliver.executeWithOptions({ ...patientOptions, summary }, [
    touchpoint,
    'patient',
  ])) as Settled
}
