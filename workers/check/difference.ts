import type { GraphEdge, JourneyGraph, StepNode } from '../../sdk'

/** What differs between two versions of a journey, a sentence each. */
export function differencesOf(old: JourneyGraph, now: JourneyGraph): string[] {
  const [before, after] = [stepsOf(old), stepsOf(now)]
  const gone = [...before.values()].filter(({ step }) => !after.has(step))
  const added = [...after.values()].filter(({ step }) => !before.has(step))
  const renamed = gone.flatMap((one) => {
    const two = added.find((each) => isAlike(one, each))
    return two ? [[one, two] as const] : []
  })
  const names = new Set(renamed.flatMap(([one, two]) => [one.step, two.step]))
  const kept = [...before.values()]
    .filter(({ step }) => after.has(step))
    .map((one) => [one, after.get(one.step)!] as const)
  const told = [
    ...renamed.map(([one, two]) => `step '${one.step}' is renamed '${two.step}'`),
    ...gone
      .filter(({ step }) => !names.has(step))
      .map(({ step, verb }) => `step '${step}' (${verb}) is removed`),
    ...added
      .filter(({ step }) => !names.has(step))
      .map(({ step, verb }) => `step '${step}' (${verb}) is added`),
    ...[...kept, ...renamed].flatMap(([one, two]) => changesOf(one, two)),
  ]
  return [...told, ...waysOf(old, now, told.length > 0)]
}

const stepsOf = ({ nodes }: JourneyGraph): Map<string, StepNode> =>
  new Map(nodes.flatMap((node) => (node.kind === 'step' ? [[node.step, node] as const] : [])))

const isAlike = (one: StepNode, two: StepNode): boolean =>
  one.verb === two.verb && one.stage === two.stage && JSON.stringify(one.given) === JSON.stringify(two.given)

function changesOf(one: StepNode, two: StepNode): string[] {
  const step = `step '${two.step}'`
  const verb = one.verb === two.verb ? [] : [`${step} is ${two.verb} instead of ${one.verb}`]
  const stage = one.stage === two.stage ? [] : [`${step} is in stage ${two.stage} instead of ${one.stage}`]
  const names = [...new Set([...Object.keys(one.given), ...Object.keys(two.given)])]
  const given = names.flatMap((name) => changeOf(step, name, one.given[name], two.given[name]))
  return [...verb, ...stage, ...given]
}

function changeOf(
  step: string,
  name: string,
  before: string | undefined,
  after: string | undefined,
): string[] {
  const what = name.startsWith('on ') ? `label ${name.slice('on '.length)}` : name
  if (before === after) return []
  if (before === undefined) return [`${step} has a new ${what}: ${after}`]
  return [
    after === undefined
      ? `${step} loses its ${what}`
      : `${step} has another ${what}: ${after} instead of ${before}`,
  ]
}

/** Ways between nodes that both have; where steps come or go, ways change with them, and are not told. */
function waysOf(old: JourneyGraph, now: JourneyGraph, toldMore: boolean): string[] {
  const steps = new Set(
    [...old.nodes.map(({ id }) => id)].filter((id) => now.nodes.some((node) => node.id === id)),
  )
  const shared = ({ edges }: JourneyGraph): Map<string, string> =>
    grouped(edges.filter(({ from, to }) => steps.has(from) && steps.has(to)))
  const [before, after] = [shared(old), shared(now)]
  const changed = [...after].filter(([way, how]) => before.has(way) && before.get(way) !== how)
  const told = changed.map(
    ([way, how]) => `the condition ${way} is ${how || 'none'} instead of ${before.get(way) || 'none'}`,
  )
  if (toldMore) return told
  const fresh = [...after.keys()].filter((way) => !before.has(way)).map((way) => `a way is added ${way}`)
  return [
    ...told,
    ...fresh,
    ...[...before.keys()].filter((way) => !after.has(way)).map((way) => `a way is gone ${way}`),
  ]
}

function grouped(edges: readonly GraphEdge[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { from, to, labels = [], when = [] } of edges) {
    const way = `from ${plain(from)} to ${plain(to)}`
    const how = [labels.join(', '), when.join(' and ')].filter(Boolean).join('; ')
    found.set(way, [found.get(way), how].filter(Boolean).join(' or '))
  }
  return found
}

const plain = (id: string): string =>
  id.replace(/^step:(.*)$/, "'$1'").replace(/^(stage|end|fork|join):/, '$1 ')
