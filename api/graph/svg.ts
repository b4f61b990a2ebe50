import type { JourneyGraph, JourneyOutline } from '../../sdk'
import { html, Html } from '../html'
import { isWayBack, place, type PlacedEdge, type PlacedNode, type Point, type } from './layout'
import { wordsOfEdge, wordsOfEndings, wordsOfNode } from './words'

const ink = '#1c2430'
const soft = '#4d5866'
const line = '#7d8794'

type Drawn = Pick<JourneyOutline, 'name' | 'goal' | 'exitOn'> & { readonly graph: JourneyGraph }

/** The graph as a picture: dark on light, without scripts, styles or anything from elsewhere. */
export function svgOf({ graph, ...journey }: Drawn): string {
  const { width, height, nodes, edges } = place(graph)
  const head = [journey.name, ...wordsOfEndings(journey)]
  const top = head.length * type.line + 24
  const wide = px(Math.max(width, ...head.map((text) => text.length * 8 + 32)))
  const high = px(height + top)
  return element(
    'svg',
    { xmlns, width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, role: 'img', 'font-family': fonts },
    [
      element('title', {}, [`The journey ${journey.name}`]),
      arrowhead,
      element('rect', { width: '100%', height: '100%', fill: '#ffffff' }),
      ...head.map(headLine),
      element('g', { transform: `translate(${px((wide - width) / 2)} ${top})` }, [
        ...edges.map(edgeLine),
        ...edges.flatMap(edgeLabel),
        ...nodes.map(box),
      ]),
    ],
  ).text
}

const xmlns = 'http://www.w3.org/2000/svg'
const fonts = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

/** Text and attributes are escaped; one element a line. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: readonly (Html | string)[] = [],
): Html {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
  const opened = [name, ...given.map(([key, value]) => html`${key}="${value}"`)].join(' ')
  if (content.length === 0) return new Html(`<${opened}/>\n`)
  return html`${new Html(`<${opened}>`)}${content.map(cleaned)}${new Html(`</${name}>\n`)}`
}

/** XML has no place for control characters, nor for halves of pairs. */
const cleaned = (content: Html | string): Html | string =>
  typeof content === 'string'
    ? content.replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, ' ').toWellFormed()
    : content

const arrowhead = element('defs', {}, [
  element(
    'marker',
    { id: 'arrow', viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: 'auto' },
    [element('path', { d: 'M0 0 L10 5 L0 10 z', fill: line })],
  ),
])

const px = (value: number): number => Math.round(value * 10) / 10

const headLine = (text: string, index: number): Html =>
  index === 0
    ? element('text', { x: 16, y: 26, 'font-size': 15, 'font-weight': 600, fill: ink }, [text])
    : element('text', { x: 16, y: 26 + index * type.line, 'font-size': type.below, fill: soft }, [text])

const looks: Readonly<Record<string, { fill: string; stroke: string; round: number; dash?: string }>> = {
  start: { fill: '#ffffff', stroke: line, round: 20 },
  stage: { fill: '#e8edf5', stroke: '#5b74a0', round: 2 },
  end: { fill: '#eef0f3', stroke: soft, round: 20 },
  fork: { fill: '#ffffff', stroke: line, round: 4, dash: '4 3' },
  join: { fill: '#ffffff', stroke: line, round: 4, dash: '4 3' },
  send: { fill: '#e6f3ec', stroke: '#2c7a52', round: 6 },
  waits: { fill: '#fdf4e3', stroke: '#9a6a14', round: 6 },
  step: { fill: '#f3f0fa', stroke: '#6b5a9c', round: 6 },
}

const waiting = new Set(['waitFor', 'sleep', 'sleepUntil'])

function lookOf({ node }: PlacedNode): (typeof looks)[string] {
  if (node.kind === 'stage') return { ...looks['stage']!, ...(isWayBack(node) && { dash: '4 3' }) }
  if (node.kind !== 'step') return looks[node.kind]!
  return looks[node.verb === 'send' ? 'send' : waiting.has(node.verb) ? 'waits' : 'step']!
}

function box(placed: PlacedNode): Html {
  const { node, x, y, title, below } = placed
  const { fill, stroke, round, dash } = lookOf(placed)
  const { title: name, below: does } = wordsOfNode(node)
  const first = y - ((title.length + below.length) * type.line) / 2 + 12
  const bold = { 'font-size': type.title, 'font-weight': 600, fill: ink }
  const plain = { 'font-size': type.below, fill: soft }
  const rows = [
    ...title.map((text) => ({ text, look: bold })),
    ...below.map((text) => ({ text, look: plain })),
  ]
  return element('g', {}, [
    element('title', {}, [[name, does].filter(Boolean).join(', ')]),
    rectangle(placed, { rx: round, fill, stroke, 'stroke-width': 1.2, 'stroke-dasharray': dash }),
    ...rows.map(({ text, look }, index) => middle(text, { x, y: first + index * type.line }, look)),
  ])
}

type Attributes = Readonly<Record<string, string | number | undefined>>

const rectangle = (
  { x, y, width, height }: Point & { width: number; height: number },
  look: Attributes,
): Html =>
  element('rect', {
    x: px(x - width / 2),
    y: px(y - height / 2),
    width: px(width),
    height: px(height),
    ...look,
  })

const middle = (text: string, { x, y }: Point, look: Attributes): Html =>
  element('text', { x: px(x), y: px(y), 'text-anchor': 'middle', ...look }, [text])

const edgeLine = ({ points }: PlacedEdge): Html =>
  element('path', {
    d: curve(points),
    fill: 'none',
    stroke: line,
    'stroke-width': 1.3,
    'marker-end': 'url(#arrow)',
  })

/** Straight from point to point, with round corners. */
function curve(points: readonly Point[]): string {
  const last = points.at(-1)
  if (!last) return ''
  const corners = points.slice(1, -1).map((corner, index) => {
    const [before, behind] = [points[index]!, points[index + 2]!]
    return `L${at(towards(corner, before))} Q${at(corner)} ${at(towards(corner, behind))}`
  })
  return [`M${at(points[0]!)}`, ...corners, `L${at(last)}`].join(' ')
}

const at = ({ x, y }: Point): string => `${px(x)} ${px(y)}`

const corner = 14

/** A little way from one point to another, never more than half of it. */
function towards(from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const part = Math.min(0.5, corner / Math.max(1, Math.hypot(dx, dy)))
  return { x: from.x + dx * part, y: from.y + dy * part }
}

function edgeLabel({ edge, label }: PlacedEdge): Html[] {
  if (!label) return []
  const { x, lines } = label
  const first = label.y - (lines.length * (type.line - 2)) / 2 + 10
  const look = { 'font-size': type.label, fill: ink }
  return [
    element('g', {}, [
      element('title', {}, [wordsOfEdge(edge)]),
      rectangle(label, { rx: 3, fill: '#ffffff', 'fill-opacity': 0.92 }),
      ...lines.map((text, index) => middle(text, { x, y: first + index * (type.line - 2) }, look)),
    ]),
  ]
}
