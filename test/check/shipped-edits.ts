import type { Edit } from './changed'

/** An edit of one shipped journey, and who would break: `<history> <place>`, as the histories in test/replay were recorded. */
export interface Shipped {
  readonly journey: string
  readonly edit: Edit
  readonly breaks: readonly string[] | 'all'
  /** Of whom it can't be told. */
  readonly unknown?: readonly string[] | 'all'
}

/** Text for text in the file of one journey; each must be there. */
const at =
  (journey: string, ...pairs: readonly (readonly [from: string | RegExp, to: string])[]): Edit =>
  (source) => {
    if (!source.includes(`export const ${journey} `)) return source
    return pairs.reduce((text, [from, to]) => {
      const changed = text.replace(from, to)
      if (changed === text) throw new Error(`${journey} has no ${from}`)
      return changed
    }, source)
  }
const edit = (journey: string, ...pairs: readonly (readonly [from: string | RegExp, to: string])[]) => ({
  journey,
  edit: at(journey, ...pairs),
})

export const shipped: Readonly<Record<string, Shipped>> = {
  // trialOnboarding
  'a step renamed, and its time changed': { ...edit('trialOnboarding', [`'decision', { subscribed: subscriptionStarted }, '14 days'`, `'thinks-it-over', { bought: subscriptionStarted }, '10 days'`]), breaks: [] },
  'an error where somebody may come to': { ...edit('trialOnboarding', [`    await journey.send('trial-ends'`, `    if (habit.is === 'active') throw new Error('what now')\n    await journey.send('trial-ends'`]), breaks: ['converted before-the-end'], unknown: ['converted first-project', 'converted habit', 'mail-away first-project', 'mail-away welcome', 'silent a-good-morning', 'silent first-project', 'silent habit', 'stuck first-project', 'stuck habit'] },
  'a helper const and a comment': { ...edit('trialOnboarding', [`const habit = await journey.waitFor('habit', { team: teammateInvited, active: featureUsed }, '7 days')`, `// who comes back\n    const labels = { team: teammateInvited, active: featureUsed } as const\n    const habit = await journey.waitFor('habit', labels, '7 days')`]), breaks: [] },
  'a send wrapped in an if that most meet': { ...edit('trialOnboarding', [`    await journey.send('trial-ends'`, `    if (habit.is !== 'active') await journey.send('trial-ends'`]), breaks: [] },
  'a send wrapped in an if that nobody meets': { ...edit('trialOnboarding', [`    await journey.send('welcome'`, `    if (journey.customer.id === '') await journey.send('welcome'`]), breaks: 'all' },
  'a short sleep before the first wait': { ...edit('trialOnboarding', [`    const first = await`, `    await journey.sleep('settle', '1 hour')\n    const first = await`]), breaks: ['converted before-the-end', 'converted first-project', 'converted habit', 'mail-away first-project', 'silent a-good-morning', 'silent before-the-end', 'silent decision', 'silent first-project', 'silent habit', 'stuck first-project', 'stuck habit'] },
  'a sleep after a wait': { ...edit('trialOnboarding', [`    const offer =`, `    await journey.sleep('breathe', '1 day')\n    const offer =`]), breaks: ['silent decision'] },
  'split shares the other way round': { ...edit('trialOnboarding', [`{ extend: 1, call: 1 }`, `{ extend: 1, call: 99 }`]), breaks: [] },
  'another arm in the split': { ...edit('trialOnboarding', [`{ extend: 1, call: 1 }`, `{ extend: 1, call: 1, discount: 1 }`]), breaks: [] },
  'a send becomes a set': { ...edit('trialOnboarding', [`await journey.send('what-others-do', email('trial/what-others-do'))`, `await journey.set('what-others-do', { lifecycle: 'trial' })`]), breaks: ['silent before-the-end', 'silent decision'] },
  'a label taken away': { ...edit('trialOnboarding', [`{ created: projectCreated, stuck: [`, `{ stuck: [`], [`projectCreated, `, ``]), breaks: ['converted before-the-end', 'converted habit'] },
  'a label renamed': { ...edit('trialOnboarding', [`, stuck: [supportSearched`, `, lost: [supportSearched`], [`first.is === 'stuck'`, `first.is === 'lost'`]), breaks: [] },
  'two waits change their names': { ...edit('trialOnboarding', [`'first-project',`, `'x',`], [`'habit', {`, `'first-project', {`], [`'x',`, `'habit',`]), breaks: ['converted before-the-end', 'converted first-project', 'converted habit', 'mail-away first-project', 'silent a-good-morning', 'silent before-the-end', 'silent decision', 'silent first-project', 'silent habit', 'stuck first-project', 'stuck habit'] },
  'a wait becomes a sleep': { ...edit('trialOnboarding', [`await journey.waitFor('decision', { subscribed: subscriptionStarted }, '14 days')`, `await journey.sleep('decision', '14 days')`]), breaks: [] },
  'a sleep until a date becomes a sleep': { ...edit('trialOnboarding', [/await journey\.sleepUntil\('before-the-end'[\s\S]*?\}\)/, `await journey.sleep('before-the-end', '2 days')`]), breaks: [] },
  'the goal is another event': { ...edit('trialOnboarding', [`goal: { on: subscriptionStarted`, `goal: { on: projectCreated`]), breaks: ['converted before-the-end', 'converted habit'] },
  'an exit more': { ...edit('trialOnboarding', [`exitOn: [accountClosed]`, `exitOn: [accountClosed, supportSearched]`]), breaks: ['stuck habit'] },
  'who enters, the topic and the priority': { ...edit('trialOnboarding', [`enrollOn: trialStarted`, `enrollOn: [trialStarted, projectCreated]`], [`topic: 'tips'`, `topic: 'news'`], [`priority: 50`, `priority: 1`]), breaks: [] },
  'steps put side by side': { ...edit('trialOnboarding', [`      await journey.send('show-first-step', email('trial/first-step'))`, `      await Promise.all([journey.send('show-first-step', email('trial/first-step')), journey.send('also', email('trial/farewell'))])`]), breaks: ['silent before-the-end', 'silent decision', 'silent habit'] },
  'a race around a wait': { ...edit('trialOnboarding', [`await journey.waitFor('decision', { subscribed: subscriptionStarted }, '14 days')`, `await Promise.race([journey.waitFor('decision', { subscribed: subscriptionStarted }), journey.sleep('decide-by', '14 days')])`]), breaks: ['silent decision'] },
  'the customer held out': { ...edit('trialOnboarding', [`topic: 'tips',`, `topic: 'tips',\n    holdout: 0.9999999,`]), breaks: 'all' },
  // cartRecovery
  'a loop unrolled': { ...edit('cartRecovery', [/    while \(quiet[\s\S]*?'1 hour'\)\n/, `    if (quiet.is === 'changed') quiet = await journey.waitFor('shopping-on', { changed: cartUpdated }, '1 hour')\n    while (quiet.is === 'changed') quiet = await journey.waitFor('and-on', { changed: cartUpdated }, '1 hour')\n`]), breaks: [] },
  'a loop that counts': { ...edit('cartRecovery', [`    while (quiet.is === 'changed')`, `    for (let times = 0; quiet.is === 'changed' && times < 2; times++)`]), breaks: [] },
  'an early return': { ...edit('cartRecovery', [`    const reminder =`, `    if (journey.trigger.properties.total > 1_000_000) return completed('by hand')\n    const reminder =`]), breaks: [] },
  'the key is another': { ...edit('cartRecovery', [`key: 'cart_id'`, `key: 'currency'`]), breaks: [] },
  'a wait in place of a sleep until the evening': { ...edit('cartRecovery', [`await journey.sleepUntil('evening', { hour: 18 })`, `await journey.waitFor('evening', { changed: cartUpdated }, '8 hours')`]), breaks: [] },
  'a wait shorter than a minute': { ...edit('cartRecovery', [`{ changed: cartUpdated }, '1 day'`, `{ changed: cartUpdated }, '10 seconds'`]), breaks: ['left back-again', 'left evening', 'left time-to-order', 'ordered back-again'] },
  // postPurchase
  'a stage renamed': { ...edit('postPurchase', [`    advocacy: async`, `    praise: async`], [`? 'advocacy'`, `? 'praise'`]), breaks: ['advocate-3 points', 'advocate-3 recommendation'] },
  'a stage removed': { ...edit('postPurchase', [/    advocacy: async[\s\S]*?return 'again'\n    \},\n/, ``], [`review.is === 'happy' ? 'advocacy' : 'again'`, `'again'`], [`referralMade,`, ``]), breaks: ['advocate-3 points', 'advocate-3 recommendation'] },
  'a branch more beside the others': { ...edit('postPurchase', [`        back: async`, `        nap: async (journey) => journey.sleep('nap', '2 days'),\n        back: async`]), breaks: ['advocate-4 next-order'] },
  'a branch that does nothing yet': { ...edit('postPurchase', [`        back: async`, `        later: async () => 'later',\n        back: async`]), breaks: [] },
  'branches change places': { ...edit('postPurchase', [`        thanks: async (journey) => journey.send('thanks', email('orders/time-for-more')),\n`, ``], [`'30 days'),\n`, `'30 days'),\n        thanks: async (journey) => journey.send('thanks', email('orders/time-for-more')),\n`]), breaks: [] },
  'what is called is another activity': { ...edit('postPurchase', [`'loyaltyPoints', order`, `'otherPoints' as 'loyaltyPoints', order`]), breaks: ['advocate-3 points', 'advocate-3 recommendation'] },
  'a set more at the beginning of a stage': { ...edit('postPurchase', [`      await journey.sleep('try-it'`, `      await journey.set('bought', { lifecycle: 'customer' })\n      await journey.sleep('try-it'`]), breaks: ['advocate-2 review', 'advocate-2 try-it', 'unhappy-2 review', 'unhappy-2 try-it'] },
  // subscriptionCare
  'a stage goes elsewhere': { ...edit('subscriptionCare', [`if (heard.is === 'unpaid') return 'payment'`, `if (heard.is === 'unpaid') return 'listening'`]), breaks: [] },
  'a profile read earlier': { ...edit('subscriptionCare', [`      const { lifecycle } = await journey.profile('how-it-goes')\n`, ``], [`      const twoWeeksBefore`, `      const { lifecycle } = await journey.profile('how-it-goes')\n      const twoWeeksBefore`]), breaks: ['renewed-2 answer', 'renewed-2 before-renewal'] },
  'another date': { ...edit('subscriptionCare', [`offset: '-14 days'`, `offset: '-21 days'`]), breaks: [] },
  'a step beside the first wait': { ...edit('subscriptionCare', [`      if (paid.is === 'left')`, `      await journey.set('paid', { lifecycle: 'customer' })\n      if (paid.is === 'left')`]), breaks: [] },
  // winBack
  'two sleeps become one': { ...edit('winBack', [`    await journey.sleepUntil('tuesday-morning', { hour: 10, weekday: 'tuesday' })\n`, ``]), breaks: ['silent last-chance', 'silent tuesday-morning'] },
  'a set goes after the send': { ...edit('winBack', [`    await journey.set('lost', { lifecycle: 'lost' })\n`, ``], [`email('win-back/sorry'))\n`, `email('win-back/sorry'))\n    await journey.set('lost', { lifecycle: 'lost' })\n`]), breaks: 'all' },
  'a channel and a message': { ...edit('winBack', [`email('win-back/what-is-new')`, `webhook('helpdesk', 'win-back/wants-to-talk')`]), breaks: [] },
  'the journey is renamed': {
    journey: 'winBack',
    edit: (source) => source.replace('export const winBack ', 'export const comeBack ').replace('export { winBack }', 'export { comeBack }'),
    breaks: 'all',
  },
  // doubleOptIn
  'a reason is another': { ...edit('doubleOptIn', [`'did not confirm'`, `'was silent'`]), breaks: [] },
  // careOffer
  'an arm less': { ...edit('careOffer', [`        coaching: { sends: email('care/coaching'), group: 'help' },\n`, ``], [/    if \(offer\.is === 'coaching'\)[^\n]*\n/, ``]), breaks: [] },
  'an arm more': { ...edit('careOffer', [`        nothing: {},`, `        gift: {},\n        nothing: {},`], [`    await journey.sleep('until`, `    if (offer.is === 'gift') await journey.send('gift', email('care/discount'))\n    await journey.sleep('until`]), breaks: [] },
  'a policy and a context': { ...edit('careOffer', [`policy: { is: 'lin-thompson' }`, `policy: { is: 'thompson' }`], [`context: { plan, reason,`, `context: { plan,`]), breaks: [] },
  'a decision becomes a split': { ...edit('careOffer', [/await journey\.decide\('offer', \{[\s\S]*?otherwise: 'nothing',\n    \}\)/, `{ is: journey.split('offer', { discount: 1, coaching: 1, call: 1, nothing: 1 }) }`], [/const \{ plan, phone \}[^\n]*\n/, `await journey.profile('who')\n`], [/    const \{ reason, ten[^\n]*\n/, ``]), breaks: 'all' },
  // what fails only when it runs
  'a property of nothing, whoever comes': { ...edit('trialOnboarding', [`    await journey.send('trial-ends'`, `    const { owner } = (journey.trigger.properties as unknown as { account: { owner: string } }).account\n    await journey.set('owned', { lifecycle: owner as 'trial' })\n    await journey.send('trial-ends'`]), breaks: 'all' },
  'a property of nothing, where one label leads': { ...edit('trialOnboarding', [`    await journey.sleepUntil('before-the-end'`, `    if (habit.is === 'team') void (habit.event.properties as { team?: { name: string } }).team!.name\n    await journey.sleepUntil('before-the-end'`]), breaks: [], unknown: ['converted first-project', 'converted habit', 'mail-away first-project', 'mail-away welcome', 'silent a-good-morning', 'silent first-project', 'silent habit', 'stuck first-project', 'stuck habit'] },
  'a duration that is none': { ...edit('trialOnboarding', [`    await journey.send('farewell'`, `    await journey.sleep('breathe', '1 fortnight' as '1 day')\n    await journey.send('farewell'`]), breaks: 'all' },
  'a time that only a sent message has': { ...edit('trialOnboarding', [`await journey.send('farewell', email('trial/farewell'))`, `const farewell = await journey.send('farewell', email('trial/farewell'))\n    void (farewell as unknown as { at: string }).at.slice(0, 10)`]), breaks: [], unknown: 'all' },
  'a value that nothing can write down': { ...edit('winBack', [`email('win-back/what-is-new')`, `email('win-back/what-is-new', { since: BigInt(1) as unknown as number })`]), breaks: 'all' },
  'an error where somebody comes back': { ...edit('cartRecovery', [`    if (back.is === 'changed') return completed('came back to the cart')`, `    if (back.is === 'changed') return completed((back.event.properties as unknown as { note: string }).note.trim())`]), breaks: [], unknown: ['left back-again', 'left shopping-on', 'left still-shopping', 'ordered back-again', 'ordered still-shopping'] },
  'what an activity tells, where it failed': { ...edit('postPurchase', [`points.is === 'done' ? points.value : { points: 0 }`, `(points as unknown as { value: { points: number } }).value`]), breaks: [], unknown: ['advocate-1 delivery', 'advocate-2 review', 'advocate-2 try-it', 'advocate-3 points', 'late delivery', 'late late-delivery', 'unhappy-1 delivery', 'unhappy-2 review', 'unhappy-2 try-it'] },
  'an error at the end of another stage': { ...edit('postPurchase', [`\`no further order, mail \${thanks.is}\``, `(thanks as unknown as { rules: string[] }).rules.join()`]), breaks: [], unknown: 'all' },
  'a trait that may be missing': { ...edit('subscriptionCare', [`if (lifecycle === 'at-risk')`, `if (lifecycle!.startsWith('at-'))`]), breaks: ['renewed-2 answer', 'renewed-2 before-renewal'] },
  'what an agent told': { ...edit('outageCare', [`    return completed(call.is)`, `    return completed((call as unknown as { data: { note?: string } }).data.note ?? call.is)`]), breaks: [], unknown: 'all' },
  'a loop that never waits': { ...edit('doubleOptIn', [`    return answer.is`, `    for (let tries = 0; tries >= 0; tries++) await journey.profile('again')\n    return answer.is`]), breaks: 'all' },
} // prettier-ignore
