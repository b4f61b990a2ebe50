import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../start/child'
import { buildInto } from '../start/compiled'

/** New text for a place in a file that is there once; a file that isn't there yet has no place. */
export interface Edit {
  readonly file: string
  readonly from?: string
  readonly to: string
}

const SOURCES = [
  ...['activities', 'api', 'catalog', 'channels', 'sdk', 'store', 'workers', 'workflows'],
  ...['config.ts', 'logger.ts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'],
]

/** Compiles a copy of our source with the edits. Gives the path of its dist. */
export function changedBuild(folder: string, edits: readonly Edit[]): string {
  const source = path.join(folder, 'source')
  mkdirSync(source, { recursive: true })
  for (const name of SOURCES) cpSync(path.join(root, name), path.join(source, name), { recursive: true })
  for (const edit of edits) apply(source, edit)
  return buildInto(folder, source)
}

function apply(source: string, { file, from, to }: Edit): void {
  const place = path.join(source, file)
  if (from === undefined) return writeFileSync(place, to, { flag: 'wx' })
  const parts = readFileSync(place, 'utf8').split(from)
  if (parts.length !== 2) throw new Error(`${file} has "${from}" ${parts.length - 1} times`)
  writeFileSync(place, parts.join(to))
}

const trial = 'workflows/journeys/trial-onboarding.ts'
const purchase = 'workflows/journeys/post-purchase.ts'
const text = (subject: string): string => `subject: ${subject}\n--- text\n{{ links.unsubscribe }}\n`

/** A wait made longer and one made shorter. */
const otherLengths: Edit[] = [
  { file: trial, from: "active: featureUsed }, '7 days')", to: "active: featureUsed }, '9 days')" },
  { file: trial, from: "{ subscribed: subscriptionStarted }, '14 days')", to: "{ subscribed: subscriptionStarted }, '10 days')" }, // prettier-ignore
]

/** A text that was changed, and a message that another one stands in for. */
const otherMessages: Edit[] = [
  {
    file: 'catalog/messages/trial/welcome.email.liquid',
    from: 'subject: Welcome',
    to: 'subject: Good to see you, welcome',
  },
  { file: trial, from: "email('trial/what-others-do')", to: "email('trial/tips')" },
  { file: 'catalog/messages/trial/tips.email.liquid', to: text('Tips of others') },
]

/** A step at the beginning of a stage, for those who come to it from an instant on at which the old build is gone. */
const stepFrom = (instant: string): Edit[] => [
  {
    file: purchase,
    from: '    again: async (journey) => {\n',
    to: `    again: async (journey) => {
      if (journey.now() >= Date.parse('${instant}')) await journey.send('care-tips', email('orders/care-tips'))
`,
  },
  { file: 'catalog/messages/orders/care-tips.email.liquid', to: text('Make it last') },
]

/** A step where nobody comes while both builds run: weeks after where the furthest is. */
const stepAtTheEnd: Edit[] = [
  {
    file: trial,
    from: "email('trial/farewell'))\n",
    to: "email('trial/farewell'))\n    await journey.send('feedback', email('trial/feedback'))\n",
  },
  { file: 'catalog/messages/trial/feedback.email.liquid', to: text('What was missing?') },
]

const newJourney: Edit[] = [
  {
    file: 'workflows/journeys/first-invoice.ts',
    to: `import { helpRequested, invoicePaid, invoiceSent } from '../../catalog/events'
import { completed, email, transactional } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Helps with the first invoice before anybody has to call. */
export const firstInvoice = defineJourney(
  { enrollOn: invoiceSent, key: 'invoice_id', goal: { on: invoicePaid, within: '30 days' } },
  async (journey) => {
    await journey.send('explain', transactional(email('orders/invoice')))
    const heard = await journey.waitFor('question', { asks: helpRequested }, '5 days')
    if (heard.is === 'asks') return completed('a person answers')
    await journey.send('remind', email('orders/invoice-again'))
  },
)
`,
  },
  { file: 'workflows/journeys/index.ts', from: 'export { postPurchase', to: "export { firstInvoice } from './first-invoice'\nexport { postPurchase" }, // prettier-ignore
  { file: 'catalog/schemas.ts', from: "  'Order Completed':", to: "  'Invoice Sent': z.looseObject({ invoice_id: id }),\n  'Invoice Paid': z.looseObject({ invoice_id: id }),\n  'Order Completed':" }, // prettier-ignore
  { file: 'catalog/events.ts', from: 'export const orderCompleted', to: "export const invoiceSent = event('Invoice Sent')\nexport const invoicePaid = event('Invoice Paid')\nexport const orderCompleted" }, // prettier-ignore
  { file: 'catalog/messages/orders/invoice.email.liquid', to: text('Your invoice') },
  { file: 'catalog/messages/orders/invoice-again.email.liquid', to: text('Your invoice, once more') },
]

/** All that a rolling deploy may bring. `instant` is when the old build is gone for sure. */
export const compatible = (instant: string): readonly Edit[] => [
  ...otherLengths,
  ...otherMessages,
  ...stepFrom(instant),
  ...stepAtTheEnd,
  ...newJourney,
]

/** What it may not: two steps that change places. */
export const swapped: readonly Edit[] = [
  { file: trial, from: "    await journey.send('welcome', email('trial/welcome'))\n", to: '' },
  {
    file: trial,
    from: "    if (first.is === 'stuck')",
    to: "    await journey.send('welcome', email('trial/welcome'))\n    if (first.is === 'stuck')",
  },
]
