import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path.js'
import { z } from 'zod'
import type { Api } from '../deps'
import { html } from '../html'
import { openapi } from '../openapi'
import { ok, route, type Route } from '../route'

const page = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>Sojourn API</title>
      <link rel="stylesheet" href="docs/swagger-ui.css" />
    </head>
    <body>
      <div id="docs"></div>
      <script src="docs/swagger-ui-bundle.js"></script>
      <script src="docs/start.js"></script>
    </body>
  </html>`

// No validator: it would send the document to a host of its own.
const start =
  "SwaggerUIBundle({ url: 'openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null })\n"

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
}

/** The OpenAPI document of these routes, and a page to read it in, all from this server. */
export function docsRoutes(routes: readonly Route[], api: Api): readonly Route[] {
  const shape = { method: 'get', role: 'open', tag: 'Service' } as const
  const document = openapi(routes, api)
  return [
    route({
      ...shape,
      path: '/openapi.json',
      summary: 'This document',
      answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
      handle: () => ok(document),
    }),
    route({
      ...shape,
      path: '/docs',
      summary: 'This document, to read and try',
      answers: { 200: { description: 'A page', type: 'text/html' } },
      handle: () => ({ ...ok(page), headers }),
    }),
    asset('start.js', 'text/javascript', () => start),
    asset('swagger-ui.css', 'text/css', () => distributed('swagger-ui.css')),
    asset('swagger-ui-bundle.js', 'text/javascript', () => distributed('swagger-ui-bundle.js')),
  ]
}

const distributed = (name: string) => readFileSync(join(getAbsoluteFSPath(), name), 'utf8')

const asset = (name: string, type: string, content: () => string): Route =>
  route({
    method: 'get',
    path: `/docs/${name}`,
    role: 'open',
    tag: 'Service',
    summary: name,
    hidden: true,
    answers: { 200: { description: name, type } },
    handle: () => ({ ...ok(content()), headers: { 'Cache-Control': 'max-age=3600' } }),
  })
