import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { root } from '../start/child'

export interface Service {
  readonly image?: string
  readonly command?: readonly string[]
  readonly container_name?: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly restart?: string
  readonly logging?: { readonly options?: Readonly<Record<string, string>> }
  readonly stop_grace_period?: string
  readonly deploy?: {
    readonly replicas?: number
    readonly resources?: { readonly limits?: { readonly memory?: string } }
  }
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly configs: Readonly<Record<string, { readonly content: string }>>
}

export const textOf = (name: string): string => readFileSync(path.join(root, name), 'utf8')

/** With YAML's merges done, and `${…}` as it stands, or filled in from `env`. */
export const composeFile = (
  text = textOf('docker-compose.yml'),
  env?: Readonly<Record<string, string>>,
): ComposeFile => parse(text, (_, value) => (env && typeof value === 'string' ? filledIn(value, env) : value), { merge: true }) // prettier-ignore

/** The names that an env file sets, with their values. */
export const envFile = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [
      name!,
      value!.replace(/^"(.*)"$/, '$1'),
    ]),
  )

/** As Compose fills in `${NAME:-otherwise}` and `${NAME:?why}`: an empty value counts as none. */
const filledIn = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest = '') => {
    const value = env[name]
    if (value) return value
    if (kind === '?') throw new Error(`${name}: ${rest}`)
    return kind === '-' ? rest : ''
  })
