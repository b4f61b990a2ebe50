import { durationMs } from '../time/duration'
import { formatClock } from '../time/local'
import { allows, holds, type Contact, type Rule, type Ruling } from './contact'
import { concerns, type QuietHours } from './limits'
import { QuietTimes, type QuietStretch } from './quiet-stretch'
import { spreadMs } from './spread'

/** Nothing goes out while the customer's clock shows quiet hours. */
export const quietHours: Rule = {
  name: 'quiet hours',
  rule(contact) {
    const { limits, proposal, zone } = contact
    const hours = limits.quietHours.filter((each) => concerns(each, proposal) && appliesIn(each, contact))
    if (hours.length === 0) return allows('no quiet hours concern it')
    const times = new QuietTimes(hours, limits.holidays, zone.name)
    const stretch = times.stretchAt(proposal.at)
    if (stretch) return held(contact, stretch, times)
    return allows(`none of ${hours.map(({ name }) => name).join(', ')}: ${clockOf(contact, times)}`)
  },
}

function appliesIn({ countries, exceptCountries }: QuietHours, { country }: Contact): boolean {
  if (country === undefined) return countries === undefined
  return (countries?.includes(country) ?? true) && !exceptCountries?.includes(country)
}

/** Until it is over, and then customers are spread, but never into the quiet hours that come next. */
function held(contact: Contact, { hours, end }: QuietStretch, times: QuietTimes): Ruling {
  const said = `${hours.map(inWords).join(', ')}: ${clockOf(contact, times)}`
  if (end === Infinity) return holds('quiet-hours', end, `${said}; with no end`)
  const spread = spreadMs(contact, times.freeFor(end, durationMs(contact.limits.spreadOver)))
  const until = formatClock(end, times.rule, contact.proposal.at)
  return holds('quiet-hours', end + spread, `${said}; until ${until}${inMinutes(spread)}`)
}

const clockOf = ({ proposal: { at }, zone: { name, source } }: Contact, { rule }: QuietTimes): string =>
  `now ${formatClock(at, rule, at)} in ${name} from ${source}`

function inWords({ name, from, to, weekdays, onHolidays }: QuietHours): string {
  if (onHolidays) return `${name} on holidays of ${onHolidays.join(', ')}`
  const days = weekdays ? ` on ${weekdays.map((day) => weekdayNames[day]).join(', ')}` : ''
  return `${name} ${from} to ${to}${days}`
}

const weekdayNames = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function inMinutes(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes === 0 ? '' : ` and ${minutes} min, not to wake all at once`
}
