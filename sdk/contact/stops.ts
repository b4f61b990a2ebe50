import { allows, holds, type Proposal, type Rule } from './contact'
import type { Stop } from './limits'

const stopped = ({ scope, name }: Stop, { journey, channel, provider }: Proposal): boolean => {
  switch (scope) {
    case 'everything':
      return true
    case 'journey':
      return name === journey
    case 'channel':
      return name === channel
    case 'provider':
      return isOf(name, provider)
  }
}

/** An account of a provider is stopped with it: `sendgrid:brand-b` with `sendgrid`. */
const isOf = (name: string | null, provider: string): boolean =>
  name !== null && (provider === name || provider.startsWith(`${name}:`))

/** Whether nothing may go by the provider. */
export const stopsProvider = ({ scope, name }: Stop, provider: string): boolean =>
  scope === 'provider' && isOf(name, provider)

/** What operators stopped waits, and expires no sooner for it. */
export const stops: Rule = {
  name: 'stops',
  rule({ stops: all, proposal }) {
    const stop = all.find((each) => stopped(each, proposal))
    if (!stop) return allows('nothing that concerns it is stopped')
    const what = stop.scope === 'everything' ? 'everything' : `${stop.scope} ${stop.name}`
    return holds('stopped', Infinity, `an operator stopped ${what} (stop ${stop.id})`)
  },
}
