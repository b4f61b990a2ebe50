import express, { type Request, type Response } from 'express'
import { depthOf } from '../sdk/clean'
import { Problem } from '../sdk/problem'

/** No request is nested deeper: a batch holds messages, a message properties of 32 levels. */
const deepest = 40

/**
 * The JSON of a request; `{}` where it has no body. The limit counts after inflation.
 * Throws the problems of wrong types, sizes and texts.
 */
export async function readJson(request: Request, response: Response, limit: number): Promise<unknown> {
  if (!hasBody(request)) return {}
  if (!request.is('application/json')) {
    throw new Problem(
      'unsupported-media-type',
      `The content type is ${request.headers['content-type'] ?? 'not given'}.`,
    )
  }
  const body = await parsed(express.json({ limit, strict: false }), request, response)
  if (depthOf(body, deepest) > deepest)
    throw new Problem('invalid-request', 'The body is nested too deeply.', [tooDeep])
  return body
}

const tooDeep = { path: '', message: 'must not be nested deeper than properties of 32 levels need' }

// A preference centre of a hundred boxes has about 10 KB.
const FORM_BYTES = 64 * 1024

/** The fields of a form; an empty object for anything else. What it says is never refused. */
export async function readForm(request: Request, response: Response): Promise<unknown> {
  if (!hasBody(request)) return {}
  const parser = express.urlencoded({ limit: FORM_BYTES, extended: false })
  return (await parsed(parser, request, response).catch(() => undefined)) ?? {}
}

/** The bytes of a request, whatever they are; none where it has no body. The limit counts after inflation. */
export async function readRaw(request: Request, response: Response, limit: number): Promise<unknown> {
  if (!hasBody(request)) return Buffer.alloc(0)
  return parsed(express.raw({ limit, type: () => true }), request, response)
}

type Parser = ReturnType<typeof express.json>

const parsed = (parse: Parser, request: Request, response: Response): Promise<unknown> =>
  new Promise((resolve, reject) => {
    parse(request, response, (error?: unknown) => (error ? reject(error) : resolve(request.body)))
  })

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
