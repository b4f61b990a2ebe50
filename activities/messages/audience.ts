import { MessageError } from './engine'
import type { MessageTemplate } from './formats'
import { fieldsAre, filled, headed } from './headed'

/** `audience: …`, the platform's id of it, and `email: …`, `phone: …` or both: what the platform may know the customer by. */
export function audienceTemplate(source: string, file: string): MessageTemplate {
  const head = headed(source, file)
  fieldsAre(head, ['audience', 'email', 'phone'], file)
  return {
    variables: head.variables,
    render(scope) {
      const [email, phone] = [head.field('email', scope), head.field('phone', scope)]
      if (!email && !phone) throw new MessageError(`${file}: it has neither an email nor a phone`)
      const id = filled(head.field('audience', scope), `${file}: the audience is empty`)
      return { audience: { id, ...(email && { email }), ...(phone && { phone }) } }
    },
  }
}
