import { z } from 'zod'
import { topics, type Topic } from '../../catalog/topics'
import type { Manifest } from '../../sdk'
import { choicesOf, wordsSaid, withdrawals, type Choice } from '../customer-pages/choices'
import { page, pageAnswers, unknownLink, wordsIn } from '../customer-pages/layout'
import {
  byChannel,
  clockOf,
  inLanguage,
  readerOf,
  strangersLanguage,
  type Reader,
} from '../customer-pages/reader'
import { keep, standingOf } from '../customer-pages/standing'
import type { Api } from '../deps'
import { html, type Html } from '../html'
import { route, type Reply, type Route } from '../route'

const params = z.object({ token: z.string() })

/** The preference centre: what a customer hears about, by topic and channel. */
export const preferenceRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/preferences/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'The preference centre',
    params,
    answers: pageAnswers,
    async handle(call, api) {
      const reader = await readerOf('preferences', call, api)
      return reader ? centre(reader, api) : unknownLink(strangersLanguage(call))
    },
  }),
  route({
    method: 'post',
    path: '/preferences/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'Saves the preference centre, all of it at once',
    params,
    body: z.looseObject({
      shown: z.unknown().optional().describe('Each box as it was shown: `email:tips:on`'),
      on: z.unknown().optional().describe('Each box that is ticked: `email:tips`'),
      stop: z.unknown().optional().describe('`everything`: no marketing by any channel'),
    }),
    bodyType: 'form',
    answers: pageAnswers,
    async handle(call, api) {
      const reader = await readerOf('preferences', call, api)
      if (!reader) return unknownLink(strangersLanguage(call))
      const stops = call.body.stop === 'everything'
      await (stops ? stopAll(reader, api) : save(reader, call.body, api))
      const words = wordsIn(reader.language).preferences
      if (stops) return centre(reader, api, words.stopped)
      return centre(reader, api, call.body.shown === undefined ? undefined : words.saved)
    },
  }),
]

async function stopAll(reader: Reader, api: Api): Promise<void> {
  await keep(reader, withdrawals(await standingOf(reader, api), clockOf(reader)), 'preferences', api)
}

async function save(reader: Reader, { shown, on }: Form, api: Api): Promise<void> {
  const standing = await standingOf(reader, api)
  const boxes = choicesOf(standing, await channelsOf(reader, api)).flatMap((choice) => shownAs(choice, shown))
  const ticked = new Set(textsIn(on))
  const words = wordsSaid(standing, boxes, (box) => ticked.has(boxOf(box)), clockOf(reader))
  await keep(reader, words, 'preferences', api)
}

interface Form {
  readonly shown?: unknown
  readonly on?: unknown
}

/** As it stood on the page that was sent; nothing when it was not on it. */
function shownAs(choice: Choice, shown: unknown): Choice[] {
  const state = textsIn(shown).find((text) => text.slice(0, text.lastIndexOf(':')) === boxOf(choice))
  if (!state?.endsWith(':on') && !state?.endsWith(':off')) return []
  return [{ ...choice, on: state.endsWith(':on') }]
}

const textsIn = (given: unknown): string[] => [given].flat().filter((text) => typeof text === 'string')

const boxOf = ({ channel, purpose }: Pick<Choice, 'channel' | 'purpose'>): string => `${channel}:${purpose}`

async function centre(reader: Reader, api: Api, notice?: string): Promise<Reply<200>> {
  const { language } = reader
  const words = wordsIn(language).preferences
  const channels = await channelsOf(reader, api)
  const choices = choicesOf(await standingOf(reader, api), channels)
  const content = html`${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    <form method="post">
      <p>${words.lead}</p>
      ${channels.map((channel) =>
        fieldset(
          choices.filter((each) => each.channel === channel),
          reader,
        ),
      )}
      <button>${words.save}</button>
    </form>
    <form method="post" class="apart">
      <h2>${words.stopTitle}</h2>
      <p class="soft">${words.stopDescription}</p>
      <button name="stop" value="everything" class="second">${words.stop}</button>
    </form>
    <p class="soft small">${words.transactional}</p>`
  return page(200, language, words.title, content)
}

const fieldset = (choices: readonly Choice[], { language }: Reader): Html =>
  html`<fieldset>
    <legend>${byChannel(choices[0]!.channel, language)}</legend>
    ${choices.map((choice) => box(choice, textsOf(choice.purpose, language)))}
  </fieldset>`

const box = (choice: Choice, { title, description }: { title: string; description: string }): Html =>
  html`<input type="hidden" name="shown" value="${boxOf(choice)}:${choice.on ? 'on' : 'off'}" />
    <label class="choice">
      <input type="checkbox" name="on" value="${boxOf(choice)}" ${choice.on && html`checked`} />
      <span><b>${title}</b><br /><span class="soft small">${description}</span></span>
    </label>`

function textsOf(purpose: string, language: Reader['language']): { title: string; description: string } {
  const { other, otherDescription } = wordsIn(language).preferences
  if (purpose === 'marketing') return { title: other, description: otherDescription }
  const { title, description } = topics[purpose as Topic]
  return { title: inLanguage(title, language), description: inLanguage(description, language) }
}

/** Those that journeys use to reach customers, and the one this customer was reached on. */
async function channelsOf({ touchpoint }: Reader, { manifest }: Api): Promise<string[]> {
  const used = channelsIn(await manifest()).filter((channel) => channel !== 'webhook')
  return [...new Set([touchpoint.channel, ...used])]
}

const channelsIn = (manifest: Manifest | undefined): string[] =>
  Object.values(manifest?.journeys ?? {}).flatMap(({ steps }) =>
    steps.flatMap(({ messages = [] }) => messages.map(({ channel }) => channel)),
  )
