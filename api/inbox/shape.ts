import { z } from 'zod'
import type { InboxItem } from '../../store/store'
import { instant } from '../shapes'

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

const instantOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

export const toInboxItem = ({ marks, ...item }: InboxItem): z.output<typeof inboxItem> => ({
  id: item.ref,
  title: item.title,
  text: item.text,
  link: item.link,
  at: new Date(item.at).toISOString(),
  expiresAt: new Date(item.expiresAt).toISOString(),
  seenAt: instantOf(marks.seen),
  readAt: instantOf(marks.read),
  clickedAt: instantOf(marks.clicked),
  dismissedAt: instantOf(marks.dismissed),
})
