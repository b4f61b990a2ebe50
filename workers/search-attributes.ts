import { defineSearchAttributeKey } from '@temporalio/common'

/** What operators filter by in the Temporal UI. Nothing personal: attributes are never encrypted. */
export const searchAttributes = {
  journey: defineSearchAttributeKey('SojournJourney', 'KEYWORD'),
  step: defineSearchAttributeKey('SojournStep', 'KEYWORD'),
  status: defineSearchAttributeKey('SojournStatus', 'KEYWORD'),
  customer: defineSearchAttributeKey('SojournCustomer', 'KEYWORD'),
}
