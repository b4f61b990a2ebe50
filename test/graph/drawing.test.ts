import { join } from 'node:path'
import { place, type PlacedEdge, type PlacedNode } from '../../api/graph/layout'
import { inLines } from '../../api/graph/lines'
import { mermaidOf } from '../../api/graph/mermaid'
import { svgOf } from '../../api/graph/svg'
import type { GraphNode, JourneyGraph } from '../../sdk'
import { outlineJourneys } from '../../workers/outline'

const shipped = Object.values(outlineJourneys(join(__dirname, '../../workflows')).journeys)
const journeyOf = (graph: JourneyGraph) => ({ name: 'gym', goal: undefined, exitOn: [], graph })

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const boxOf = ({ x, y, width, height }: Pick<PlacedNode, 'x' | 'y' | 'width' | 'height'>): Box => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2,
})

const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom

test.each(shipped)('in the picture of $name nothing lies on anything else', ({ graph }) => {
  const { nodes, edges, width, height } = place(graph!)
  const labels = edges.flatMap(({ label }: PlacedEdge) => label ?? [])
  const boxes = [...nodes, ...labels].map(boxOf)
  expect(boxes.length).toBeGreaterThan(4)
  for (const [index, one] of boxes.entries()) {
    expect(one.left >= 0 && one.top >= 0 && one.right <= width && one.bottom <= height).toBe(true)
    expect(boxes.slice(index + 1).some((other) => overlap(one, other))).toBe(false)
  }
})

const step = (id: string, does: string): GraphNode => ({ kind: 'step', id: `step:${id}`, stage: 'body', step: id, verb: 'send', does, given: {} }) // prettier-ignore

const hostile: JourneyGraph = {
  nodes: [{ kind: 'start', id: 'start' }, step('</text><script>alert(1)</script>', `"]; click n0 "x" & 'y' \`z\` #35; \u0000\ud800`)],
  edges: [{ from: 'start', to: 'step:</text><script>alert(1)</script>', when: [`a|b" --> n9["<img onerror=x>"]\nend`] }],
} // prettier-ignore

test('a picture holds what the source says as text, and nothing that runs', () => {
  const svg = svgOf({ ...journeyOf(hostile), name: '<b>"&' })
  expect(svg).not.toMatch(/<script|<img|<b>|<style|onload|href|javascript/i)
  expect(svg).not.toMatch(/[\u0000-\u0008]|[\ud800-\udfff]/)
  expect(svg).toContain('&lt;/text&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(svg.match(/<(?!\/)[a-z]+/g)!.length - svg.match(/\/>/g)!.length).toBe(
    svg.match(/<\/[a-z]+>/g)!.length,
  )
})

test('a flowchart holds them in quotes, by the numbers of their characters', () => {
  expect(mermaidOf(journeyOf(hostile))).toBe(`flowchart TD
  n0(["start"])
  n1["#60;/text#62;#60;script#62;alert(1)#60;/script#62;<br/>send: #34;#93;#59; click n0 #34;x#34; #38; 'y' #96;z#96; #35;35#59; #0;#55296;"]
  n0 -->|"a#124;b#34; --#62; n9#91;#34;#60;img onerror=x#62;#34;#93;<br/>end"| n1
`)
})

test('every line of a flowchart of ours is a node or an arrow', () => {
  const nodeLine = /^ {2}(n\d+|anywhere)(\(\[|\[\[|\{\{|\[|\()"[^"]*"(\]\)|\]\]|\}\}|\]|\))$/
  const arrowLine = /^ {2}n\d+ -->(\|"[^"]*"\|)? n\d+$/
  for (const { graph, ...journey } of shipped) {
    const [head, ...lines] = mermaidOf({ ...journey, graph: graph! })
      .trimEnd()
      .split('\n')
    expect(head).toBe('flowchart TD')
    expect(lines.filter((line) => !nodeLine.test(line) && !arrowLine.test(line))).toEqual([])
    expect(lines.length).toBeGreaterThanOrEqual(graph!.nodes.length + graph!.edges.length)
  }
})

test('what may end a journey anywhere stands above the picture and beside the flowchart', () => {
  const care = shipped.find(({ name }) => name === 'subscriptionCare')!
  const drawn = { ...care, graph: care.graph! }
  const words = 'Anywhere, Subscription Renewed within 400 days: converted'
  expect(svgOf(drawn)).toContain(words)
  expect(mermaidOf(drawn)).toContain(words)
})

test('long texts are cut into lines', () => {
  expect(inLines('one two three', 7, 3)).toEqual(['one two', 'three'])
  expect(inLines('abcdefghij', 4, 2)).toEqual(['abcd', 'efg…'])
  expect(inLines('', 4, 2)).toEqual([])
})
