import { z } from 'zod'
import { topicWithdrawal, withdrawals } from '../customer-pages/choices'
import { filled, page, pageAnswers, unknownLink, wordsIn } from '../customer-pages/layout'
import {
  byChannel,
  clockOf,
  readerOf,
  strangersLanguage,
  topicTitle,
  type Reader,
} from '../customer-pages/reader'
import { standingOf, withdraw } from '../customer-pages/standing'
import type { Api } from '../deps'
import { html, type Html } from '../html'
import { route, type Route } from '../route'

const params = z.object({ token: z.string() })

/** Links in messages. Their addresses are signed; mail scanners follow them, so GET changes nothing. */
export const linkRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/unsubscribe/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'A page that asks the customer to confirm',
    params,
    answers: pageAnswers,
    async handle(call, api) {
      const reader = await readerOf('unsubscribe', call, api)
      if (!reader) return unknownLink(strangersLanguage(call))
      return page(200, reader.language, wordsIn(reader.language).unsubscribe.title, question(reader, api))
    },
  }),
  route({
    method: 'post',
    path: '/unsubscribe/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'Unsubscribes: the page’s form, or a mail program’s one click (RFC 8058)',
    description:
      'One click withdraws all marketing by the touchpoint’s channel; the page offers its topic alone as well.',
    params,
    body: z.looseObject({ from: z.unknown().optional(), what: z.unknown().optional() }),
    bodyType: 'form',
    answers: pageAnswers,
    async handle(call, api) {
      const reader = await readerOf('unsubscribe', call, api)
      if (!reader) return unknownLink(strangersLanguage(call))
      const { from, what } = call.body
      const topicOnly = from === 'page' && what === 'topic' && reader.touchpoint.topic !== null
      await (topicOnly ? withdrawTopic : withdrawAll)(
        reader,
        from === 'page' ? 'unsubscribe-link' : 'one-click',
        api,
      )
      return page(
        200,
        reader.language,
        wordsIn(reader.language).unsubscribe.doneTitle,
        done(reader, topicOnly, api),
      )
    },
  }),
]

async function withdrawAll(reader: Reader, source: string, api: Api): Promise<void> {
  const { channel } = reader.touchpoint
  await withdraw(reader, withdrawals(await standingOf(reader, api), clockOf(reader), [channel]), source, api)
}

async function withdrawTopic(reader: Reader, source: string, api: Api): Promise<void> {
  const { channel, topic } = reader.touchpoint
  const standing = await standingOf(reader, api)
  await withdraw(reader, topicWithdrawal(standing, { channel, topic: topic! }, clockOf(reader)), source, api)
}

function question(reader: Reader, api: Api): Html {
  const words = wordsIn(reader.language).unsubscribe
  const topic = topicTitle(reader)
  const by = byChannel(reader.touchpoint.channel, reader.language)
  const asks = filled(topic === undefined ? words.question : words.questionOfTopic, { by })
  return html` <p>${asks}</p>
    <form method="post">
      <input type="hidden" name="from" value="page" />
      ${
        topic !== undefined &&
        html`<button name="what" value="topic" class="second">${filled(words.topicOnly, { topic })}</button>`
      }
      <button name="what" value="all">${topic === undefined ? words.title : words.all}</button>
    </form>
    ${chooser(reader, api)}`
}

function done(reader: Reader, topicOnly: boolean, api: Api): Html {
  const words = wordsIn(reader.language).unsubscribe
  const by = byChannel(reader.touchpoint.channel, reader.language)
  const said = topicOnly
    ? filled(words.doneTopic, { by, topic: topicTitle(reader) ?? reader.touchpoint.topic! })
    : filled(words.done, { by })
  return html`<p>${said}</p>
    ${chooser(reader, api)}`
}

const chooser = ({ touchpoint, language }: Reader, { links }: Api): Html =>
  html`<p class="more">
    <a href="${links.preferences(touchpoint.ref)}">${wordsIn(language).unsubscribe.choose}</a>
  </p>`
