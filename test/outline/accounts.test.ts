import { email, sms, via } from '../../sdk'
import type { Enrollment } from '../../workflows/enrollment/enrollment'
import { toSend } from '../../workflows/enrollment/to-send'

const accounts = { email: 'brand-b' }
const sentBy = (message: Parameters<typeof toSend>[1], definition: object = { accounts }) =>
  toSend({ definition, input: {} } as Enrollment, message).message

test('what a journey sends goes by its account for the channel, unless the message names one', () => {
  expect(sentBy(email('news/may'))).toEqual({ ...email('news/may'), account: 'brand-b' })
  expect(sentBy(via('brand-c', email('news/may')))).toEqual(via('brand-c', email('news/may')))
  expect(sentBy(sms('news/may'))).toEqual(sms('news/may'))
  expect(sentBy(sms('news/may'), {})).not.toHaveProperty('account')
})
