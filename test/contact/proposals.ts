import {
  firstLimits,
  type Contact,
  type Counted,
  type Limits,
  type Proposal,
  type Rival,
} from '../../sdk/contact'

export const at = (text: string): number => Date.parse(text)

export const proposalOf = (more: Partial<Proposal> = {}): Proposal => ({
  id: 'care:anna/1/hello/1',
  journey: 'care',
  step: 'hello',
  channel: 'email',
  provider: 'smtp',
  category: 'marketing',
  topic: null,
  priority: 1,
  at: at('2026-11-24T12:00:00Z'),
  expiresAt: null,
  heldBecause: null,
  proposed: false,
  worthMs: null,
  ...more,
})

/** Nothing is limited but what a test says; nobody is spread. */
export const limitsOf = (more: Partial<Limits> = {}): Limits => ({
  ...firstLimits,
  quietHours: [],
  caps: [],
  silence: [],
  spreadOver: '0 minutes',
  ...more,
})

/** A customer who may be contacted, in Berlin. */
export const contactOf = (
  more: Partial<Omit<Contact, 'proposal' | 'limits'>> & {
    readonly proposal?: Partial<Proposal>
    readonly limits?: Partial<Limits>
  } = {},
): Contact => ({
  customerId: 'anna',
  customer: { id: 'anna', traits: {} },
  consents: [],
  suppressedBecause: [],
  counted: [],
  rivals: [],
  wanted: [],
  otherEnrollments: 0,
  stops: [],
  reachable: true,
  zone: { name: 'Europe/Berlin', source: 'profile' },
  country: 'DE',
  ...more,
  limits: limitsOf(more.limits),
  proposal: proposalOf(more.proposal),
})

export const countedOf = (when: string, more: Partial<Counted> = {}): Counted => ({
  at: at(when),
  channel: 'email',
  category: 'marketing',
  journey: 'care',
  ...more,
})

export const rivalOf = (more: Partial<Rival> = {}): Rival => ({
  id: 'shop:anna/1/offer/1',
  journey: 'shop',
  channel: 'email',
  category: 'marketing',
  priority: 1,
  status: 'proposed',
  at: proposalOf().at,
  heldUntil: null,
  expiresAt: null,
  otherEnrollment: 'shop:anna',
  ...more,
})
