import { z } from 'zod'
import type { Sources } from '../sources'
import type { ModelSettings } from '.'
import { namedUrls } from '../named-urls'

export interface ModelServer {
  readonly url: string
  /** The value of the header. */
  readonly authorization?: string
}

/** A name and a password in the URL become a header: they are no part of the address. */
function serverAt(given: URL): ModelServer {
  const url = new URL(given)
  const { username, password } = url
  if (!username && !password) return { url: url.href }
  url.username = url.password = ''
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { url: url.href, authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

const serversAt = (urls: Readonly<Record<string, URL>>): Record<string, ModelServer> =>
  Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, serverAt(url)]))

/** The settings of models, for config.ts. */
export const modelSettings = {
  MODEL_SERVERS: namedUrls(
    'https?',
    'it must be a comma list such as churn=https://models.example.com/churn,uplift=https://name:password@10.0.0.7:8000/',
  )
    .transform(serversAt)
    .default({})
    .describe('comma list of name=url: the servers that `model({ http })` asks'),
  MODEL_PRIVATE_HOSTS: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((host) => host.trim())
        .filter(Boolean),
    ) // prettier-ignore
    .default([])
    .describe('comma list of hosts of MODEL_SERVERS that may be at private or loopback addresses'),
  MODEL_FILES: z.string().default('models').describe('folder of the files that `model({ onnx })` names'),
}

/** Those that no sentence may quote. */
export const modelSecrets = ['MODEL_SERVERS']

interface Configured {
  readonly modelServers: Readonly<Record<string, ModelServer>>
  readonly modelPrivateHosts: readonly string[]
  readonly modelFiles: string
}

/** What models need, out of a process's settings. */
export const modelSettingsOf = (config: Configured, sources: Sources): ModelSettings => ({
  servers: config.modelServers,
  privateHosts: config.modelPrivateHosts,
  files: config.modelFiles,
  sources,
})
