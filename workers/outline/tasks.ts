import ts from 'typescript'
import type { SentMessage } from '../../sdk'
import { namesListed } from './arms'
import { nameOf, possibilities, textsOf, valueOf } from './expressions'
import type { Problems } from './problems'
import type { Step } from './steps'

/** What agents may answer to a task; undefined where the source does not say. */
export const outcomesIn = (asked: ts.Expression | undefined): string[] | undefined =>
  namesListed(told(asked, 'outcomes'))

/** The scripts a task may have, as messages; none for other steps. */
export function scriptsOf(step: Step, problems: Problems): readonly SentMessage[] {
  if (step.verb !== 'task') return []
  const asked = step.call.arguments[1]
  const script = told(asked, 'script')
  const scripts = script && textsOf(script)
  if (!scripts)
    problems.at(step.call, `asks in '${step.id}' for a task whose script the source does not name`)
  if (!outcomesIn(asked)?.length)
    problems.at(step.call, `asks in '${step.id}' for a task whose outcomes the source does not name`)
  return (scripts ?? []).map((template) => ({ channel: 'voice', template }))
}

function told(asked: ts.Expression | undefined, name: string): ts.Expression | undefined {
  const properties = (asked ? possibilities(asked) : []).flatMap((each) =>
    ts.isObjectLiteralExpression(each) ? [...each.properties] : [],
  )
  const found = properties.find((each) => nameOf(each) === name)
  return found && valueOf(found)
}
