import { type Edit, from } from './changed'

/** Where a customer of trialOnboarding may stand, in order, when nothing is ever heard. */
export const places = ['first-project', 'a-good-morning', 'habit', 'before-the-end', 'decision'] as const
export type Place = (typeof places)[number]

export interface Case {
  readonly edits: readonly Edit[]
  /** Those who stand here go on unharmed; all others do not. */
  readonly safeAt: readonly Place[]
}

const HABIT = /    const habit = await[^\n]*\n[^\n]*what-others-do[^\n]*\n[^\n]*invite-your-team[^\n]*\n/
const EXTRA = "await journey.send('extra', email('trial/farewell'))\n    "
const upTo = (place: Place): readonly Place[] => places.slice(0, places.indexOf(place) + 1)

const longer = [
  from("'3 days',", "'5 days',"),
  from("featureUsed }, '7 days'", "featureUsed }, '9 days'"),
  from('+12 days', '+13 days'),
  from("subscriptionStarted }, '14 days'", "subscriptionStarted }, '20 days'"),
]
const shorter = [
  from("'3 days',", "'2 days',"),
  from("featureUsed }, '7 days'", "featureUsed }, '1 day'"),
  from('+12 days', '+11 days'),
  from("subscriptionStarted }, '14 days'", "subscriptionStarted }, '2 days'"),
]

/** Edits of a shipped journey, and whom they harm. */
export const cases = {
  'delays, messages and labels changed, a step added at the end, and one from an instant on': {
    edits: [
      ...longer,
      from("email('trial/what-others-do')", "email('trial/first-step')"),
      from('active: featureUsed }', 'active: featureUsed, bought: subscriptionStarted }'),
      from("await journey.send('farewell'", `${EXTRA}await journey.send('farewell'`),
      from('const offer', `if (journey.now() >= Date.parse('2100-01-01')) ${EXTRA.replace('extra', 'tips')}const offer`),
    ],
    safeAt: places,
  },
  'delays made shorter': { edits: shorter, safeAt: places },
  'a wait and a send renamed': {
    edits: [from("'habit', {", "'getting-used', {"), from("'show-first-step',", "'first-hint',")],
    safeAt: places,
  },
  'the first wait renamed': { edits: [from("'first-project',", "'first-success',")], safeAt: [] },
  'a step added at the beginning': { edits: [from("await journey.send('welcome'", `${EXTRA}await journey.send('welcome'`)], safeAt: [] },
  'a step added in the middle': { edits: [from('const offer', `${EXTRA}const offer`)], safeAt: upTo('before-the-end') },
  'a wait removed, with what came of it': { edits: [from(HABIT, '')], safeAt: upTo('a-good-morning') },
  'a send removed': { edits: [from(/    await journey.send\('trial-ends'[^\n]*\n/, '')], safeAt: upTo('before-the-end') },
  'two sends that change places': {
    edits: [from("'welcome', email", "'other', email"), from("'farewell', email", "'welcome', email"), from("'other', email", "'farewell', email")],
    safeAt: [],
  },
} satisfies Record<string, Case> // prettier-ignore
