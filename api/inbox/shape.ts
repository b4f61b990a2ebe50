import { z } from 'zod'
import type { InboxItem } from '../../store/store'
import { instant, iso, isoOrNull } from '../shapes'

const when = instant.nullable()

export const inboxItem = z
  .object({
    id: z.string(),
    title: z.string(),
    text: z.string(),
    link: z.string().nullable(),
    at: instant,
    expiresAt: instant,
    seenAt: when,
    readAt: when,
    clickedAt: when,
    dismissedAt: when,
  })
  .meta({ id: 'InboxItem' })

export const toInboxItem = ({ marks, ...item }: InboxItem): z.output<typeof inboxItem> => ({
  id: item.ref,
  title: item.title,
  text: item.text,
  link: item.link,
  at: iso(item.at),
  expiresAt: iso(item.expiresAt),
  seenAt: isoOrNull(marks.seen),
  readAt: isoOrNull(marks.read),
  clickedAt: isoOrNull(marks.clicked),
  dismissedAt: isoOrNull(marks.dismissed),
})
