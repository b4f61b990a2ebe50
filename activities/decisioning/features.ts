import type { Context } from '../../sdk/decision'
import { MOST_FEATURES, type Features } from './ridge'

/** The context as it is kept: without what is not known, such as NaN. */
export function known(context: Context): Record<string, number | boolean | string> {
  const entries = Object.entries(context).filter(([, value]) => isKnown(value))
  return Object.fromEntries(entries.slice(0, MOST_FEATURES)) as Record<string, number | boolean | string>
}

function isKnown(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : ['string', 'boolean'].includes(typeof value)
}

/** Of a number in a context: its square must not drown all that a model knows. */
const MOST_VALUE = 1e6

/** Numbers as they are, to a million, true as 1 and false as 0, texts as one feature a value (`plan=pro`), and a constant. */
export function featuresOf(context: Context): Features {
  const named = Object.entries(known(context)).map(([name, value]) =>
    typeof value === 'string'
      ? [`${name}=${value}`, 1]
      : [name, Math.min(Math.max(Number(value), -MOST_VALUE), MOST_VALUE)],
  )
  return { ...Object.fromEntries(named), [CONSTANT]: 1 }
}

export const CONSTANT = '(constant)'

/** Every feature of the arm times every feature of the context: what arms have in common is learned from all of them. */
export const crossed = (arm: Features, context: Features): Features =>
  Object.fromEntries(
    Object.entries(arm).flatMap(([one, times]) =>
      Object.entries(context).map(([other, value]) => [`${one} x ${other}`, times * value]),
    ),
  )
