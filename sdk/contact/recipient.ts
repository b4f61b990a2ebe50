import { allows, withholds, type Rule } from './contact'

/** The customer is there, and the channel has an address. */
export const recipient: Rule = {
  name: 'recipient',
  rule({ customer, reachable, proposal: { channel } }) {
    if (!customer) return withholds('no-customer', 'there is no such customer, or no longer')
    return reachable
      ? allows(`there is an address for ${channel}`)
      : withholds('no-address', `there is no address for ${channel}`)
  },
}
