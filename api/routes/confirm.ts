import { z } from 'zod'
import type { Schemas } from '../../catalog/schemas'
import { filled, page, pageAnswers, unknownLink, wordsIn } from '../customer-pages/layout'
import {
  byChannel,
  clockOf,
  readerOf,
  strangersLanguage,
  topicTitle,
  type Reader,
} from '../customer-pages/reader'
import type { Api } from '../deps'
import { html } from '../html'
import { route, type Reply, type Route } from '../route'
import { iso } from '../shapes'

const params = z.object({ token: z.string() })

/** Double opt-in: whoever reads the mailbox says yes with a button, so no mail scanner can. */
export const confirmRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/confirm/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'A page that asks the customer for a yes',
    params,
    answers: pageAnswers,
    async handle(call, api) {
      const reader = await readerOf('confirm', call, api)
      if (!reader) return unknownLink(strangersLanguage(call))
      if (await isConfirmed(reader, api)) return thanks(reader)
      return (await isOpen(reader, api)) ? question(reader) : unknownLink(reader.language)
    },
  }),
  route({
    method: 'post',
    path: '/confirm/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'The customer’s yes: consent to what the message was about, as double opt-in',
    params,
    body: z.looseObject({}),
    bodyType: 'form',
    answers: pageAnswers,
    async handle(call, api) {
      const reader = await readerOf('confirm', call, api)
      if (!reader) return unknownLink(strangersLanguage(call))
      const open = (await isConfirmed(reader, api)) || (await isOpen(reader, api))
      if (!open) return unknownLink(reader.language)
      await confirm(reader, api)
      return thanks(reader)
    },
  }),
]

const messageIdOf = ({ touchpoint }: Reader): string => `confirm-${touchpoint.ref}`

const isConfirmed = async (reader: Reader, { store }: Api): Promise<boolean> =>
  (await store.events.byMessageId(messageIdOf(reader))) !== undefined

/** The journey that asked still waits for the answer. */
async function isOpen({ touchpoint: { enrollmentId, entry } }: Reader, { store }: Api): Promise<boolean> {
  const enrollment = await store.enrollments.get(enrollmentId, entry)
  return enrollment !== undefined && enrollment.status !== 'ended'
}

/** Consent and the event the journey waits for, both or neither, and once. */
async function confirm(reader: Reader, { store }: Api): Promise<void> {
  const { touchpoint, customer } = reader
  const { ref, channel, topic, message } = touchpoint
  const purpose = topic ?? 'marketing'
  const occurredAt = clockOf(reader)
  const event = {
    messageId: messageIdOf(reader),
    kind: 'track',
    customerId: customer.id,
    name: 'Consent Confirmed' satisfies keyof Schemas,
    properties: { topic: purpose, channel },
    occurredAt,
  } as const
  await store.consents.recordWith(event, {
    customerId: customer.id,
    channel,
    purpose,
    state: 'granted',
    basis: 'double-opt-in',
    source: 'confirm-link',
    occurredAt,
    proof: { touchpoint: ref, message, askedAt: iso(touchpoint.at), confirmedAt: iso(occurredAt) },
  })
}

function question(reader: Reader): Reply<200> {
  const words = wordsIn(reader.language).confirm
  const topic = topicTitle(reader)
  const by = byChannel(reader.touchpoint.channel, reader.language)
  const asks =
    topic === undefined ? filled(words.question, { by }) : filled(words.questionOfTopic, { by, topic })
  const content = html`<p>${asks}</p>
    <form method="post"><button>${words.button}</button></form>
    <p class="soft small">${words.ignore}</p>`
  return page(200, reader.language, words.title, content)
}

function thanks({ language }: Reader): Reply<200> {
  const { doneTitle, done } = wordsIn(language).confirm
  return page(200, language, doneTitle, html`<p>${done}</p>`)
}
