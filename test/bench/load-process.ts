import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'
import { answer } from './asked'
import type { Accepted, LoadRequest } from './load'

// The process that sends the load: forked by load.ts, so that it stays off the server's event loop.

const connections = 32
const run = randomUUID().slice(0, 8)
const products = [
  { product_id: 'P-1001', name: 'Desk lamp', price: 39.9, quantity: 1 },
  { product_id: 'P-2002', name: 'Light bulb', price: 4.5, quantity: 2 },
]
const rest = `"timestamp":"2026-01-05T09:00:00.000Z","properties":${JSON.stringify({
  order_id: 'O-1001',
  total: 48.9,
  currency: 'EUR',
  coupon: 'WINTER',
  is_first: false,
  products,
})}}`
let sent = 0

/** One track message with an id and a customer of its own, as text; about 300 bytes. */
function message(customers: number): string {
  const number = sent++
  const ids = `"messageId":"${run}-${number}","userId":"customer-${(number * 7919) % customers}"`
  return `{"type":"track",${ids},"event":"Order Completed",${rest}`
}

const bodyOf = ({ size, customers }: LoadRequest): string =>
  size === 1
    ? message(customers)
    : `{"batch":[${Array.from({ length: size }, () => message(customers)).join(',')}]}`

/** Posts from all connections, each as soon as its last was answered. Resolves with what was accepted. */
async function load(request: LoadRequest): Promise<Accepted> {
  const { url, path, authorization, size, seconds } = request
  const pool = new Pool(url, { connections, pipelining: 1 })
  const headers = { authorization, 'content-type': 'application/json' }
  const began = performance.now()
  let accepted = 0
  const connection = async () => {
    while (performance.now() - began < seconds * 1000) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path,
        headers,
        body: bodyOf(request),
      })
      const answer = await body.text()
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${answer}`)
      accepted += size
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  const took = (performance.now() - began) / 1000
  await pool.close()
  return { events: accepted, seconds: took }
}

answer(load)
