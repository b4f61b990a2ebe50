import { z } from 'zod'
import type { ModelSettings } from '.'

/** What models need, out of a process's settings. */
export const modelSettingsOf = ({ modelServers, modelPrivateHosts }: Configured): ModelSettings => ({
  servers: modelServers,
  privateHosts: modelPrivateHosts,
})

interface Configured {
  readonly modelServers: Readonly<Record<string, ModelServer>>
  readonly modelPrivateHosts: readonly string[]
}

export interface ModelServer {
  readonly url: string
  /** The value of the header. */
  readonly authorization?: string
}

const NAMED_URL = /^([A-Za-z0-9._-]+)=(https?:\/\/\S+)$/

/** `name=url, other=url` by names; undefined where an entry reads otherwise. */
function serversIn(text: string): Record<string, ModelServer> | undefined {
  const entries = text.split(/,\s*(?=[A-Za-z0-9._-]+=https?:)/).map((entry) => NAMED_URL.exec(entry.trim()))
  if (!entries.every((entry) => entry && URL.canParse(entry[2]!))) return undefined
  return Object.fromEntries(entries.map((entry) => [entry![1]!, serverAt(new URL(entry![2]!))]))
}

/** A name and a password in the URL become a header: they are no part of the address. */
function serverAt(url: URL): ModelServer {
  const { username, password } = url
  if (!username && !password) return { url: url.href }
  url.username = url.password = ''
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { url: url.href, authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

const read = <Value>(parse: (text: string) => Value | undefined, error: string) =>
  z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue(error)
    return z.NEVER
  })

/** The settings of models, for config.ts. */
export const modelSettings = {
  MODEL_SERVERS: read(
    serversIn,
    'it must be a comma list such as churn=https://models.example.com/churn,uplift=https://name:password@10.0.0.7:8000/',
  )
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
}

/** Those that no sentence may quote. */
export const modelSecrets = ['MODEL_SERVERS']
