import { returnedMail } from '../../channels/email/inbound'
import { returnSettings } from '../../channels/settings'
import type { Config } from '../../config'
import { certificateFiles } from './certificate'
import { listenForMail, type MailListener, type MailListenerDeps } from './listener'

/** Listens for the mail that comes back, where it is configured that any does. */
export async function startMailListener({
  config,
  ...deps
}: Omit<MailListenerDeps, 'returned' | 'certificate'> & { readonly config: Config }): Promise<
  MailListener | undefined
> {
  const settings = returnSettings(config)
  if (!settings) return undefined
  const listener = await listenForMail(
    { ...deps, returned: returnedMail(settings), certificate: certificateFiles(config) },
    config.host,
    config.mailReturnPort,
  )
  deps.logger.info({ port: listener.port }, 'Mail is taken')
  return listener
}
