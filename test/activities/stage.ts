import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createActivities,
  type News,
  type SojournActivities,
  type TouchpointToDeliver,
} from '../../activities'
import { loadMessages } from '../../activities/messages'
import { ownActivities } from '../../activities/own'
import type { Answer, Channels, Outgoing, Patience, Provider } from '../../channels'
import { onlyCarrier } from '../../channels/routes'
import { email } from '../../sdk'
import type { Store, TouchpointStore } from '../../store/store'

/** A provider that answers as told, and remembers what it was given. */
export class PlayedProvider implements Provider {
  readonly sent: { outgoing: Outgoing; patience: Patience }[] = []
  answer: (outgoing: Outgoing) => Promise<Answer> = async ({ ref }) => ({
    is: 'accepted',
    providerMessageId: `<${ref}>`,
  })

  constructor(
    readonly channel: string,
    readonly idempotent: boolean,
  ) {}

  readonly name = 'played'
  address: Provider['address'] = ({ traits }, endpoint) => endpoint ?? (traits.email as string | undefined)
  send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    this.sent.push({ outgoing, patience })
    return this.answer(outgoing)
  }
}

export const never = <Value>(): Promise<Value> => new Promise(() => {})

export interface Stage {
  readonly store: Store
  /** A customer of this stage alone, called Ada, with an email address. */
  readonly customer: string
  /** An enrollment of hers. */
  readonly enrollment: string
  readonly news: News[]
  readonly email: PlayedProvider
  readonly webhook: PlayedProvider
  readonly activities: SojournActivities
  /** The same, as another process would run them. */
  activitiesOver(store: Store): SojournActivities
  /** Lets every lease taken from now on pass at once. */
  leaseMs: number | undefined
  /** So many of the next attempts to settle find no database. */
  databaseAway: number
  /** So many of the next links cannot be made. */
  linksFail: number
  write(file: string, text: string): void
  touchpoint(more?: Partial<TouchpointToDeliver>): TouchpointToDeliver
  close(): void
}

let stages = 0

/** All activities over a real ledger, with a customer, two messages and played providers. */
export async function openStage(base: Store, channelsMore: Partial<Channels> = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'activities-'))
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  write(
    'hello.email.liquid',
    'subject: Hello {{ customer.firstName }}\n--- text\n{{ trigger.plan }} {{ data.coupon | default: "none" }} {{ links.unsubscribe }} {{ journey }}\n',
  )
  write('help.webhook.liquid', '{ "type": "help", "customer": {{ customer.id | json }} }')
  const played = { email: new PlayedProvider('email', false), webhook: new PlayedProvider('webhook', true) }
  const channels = {
    carriers: (channel: string) => onlyCarrier(played[channel as 'email']),
    accounts: () => [],
    available: ['email', 'webhook'],
    close: async () => {},
    ...channelsMore,
  }
  let clock = 0
  const news: News[] = []
  const customer = `c-${(stages += 1)}`
  await base.customers.identify(customer, { firstName: 'Ada', email: 'ada@customers.example' }, 0)
  const stage: Stage = {
    ...played,
    customer,
    enrollment: `care:${customer}`,
    news,
    leaseMs: undefined,
    databaseAway: 0,
    linksFail: 0,
    store: disturbed(base, () => stage),
    write,
    get activities() {
      return activities
    },
    activitiesOver: (store) => activitiesOver(store),
    touchpoint: (more) => ({
      enrollmentId: stage.enrollment,
      entry: 1,
      journey: 'care',
      customerId: customer,
      step: 'hello',
      occurrence: 1,
      category: 'marketing',
      message: email('hello', { coupon: 'X1' }),
      trigger: { plan: 'pro' },
      at: Date.parse('2027-03-01T09:00:00Z'),
      ...more,
    }),
    close: () => rmSync(folder, { recursive: true }),
  }
  const messages = loadMessages(folder, { now: () => (clock += 1_000) }) // every send looks at the files again
  const activitiesOver = (store: Store) =>
    createActivities({
      store,
      channels,
      messages,
      links: {
        unsubscribe: (ref) => {
          if (stage.linksFail-- > 0) throw new Error('no secret to sign with')
          return `https://shop.example/unsubscribe/${ref}`
        },
        preferences: (ref) => `https://shop.example/preferences/${ref}`,
        confirm: (ref) => `https://shop.example/confirm/${ref}`,
      },
      own: ownActivities,
      announce: (piece) => news.push(piece),
    })
  const activities = activitiesOver(stage.store)
  return stage
}

/** The same store, with leases as short and a database as unreliable as a test wants them. */
function disturbed(store: Store, stage: () => Stage): Store {
  const own: Partial<TouchpointStore> = {
    reserve: (request, lease, judge) => store.touchpoints.reserve(request, stage().leaseMs ?? lease, judge),
    settle: async (id, fate, recordedAt) => {
      if (stage().databaseAway-- > 0) throw new Error('the database is away')
      return store.touchpoints.settle(id, fate, recordedAt)
    },
  }
  const touchpoints = new Proxy(store.touchpoints, {
    get: (all, name) => Reflect.get(own, name) ?? bound(all, name),
  })
  return new Proxy(store, { get: (all, name) => (name === 'touchpoints' ? touchpoints : bound(all, name)) })
}

function bound(target: object, name: string | symbol): unknown {
  const member = Reflect.get(target, name) as unknown
  return typeof member === 'function' ? member.bind(target) : member
}
