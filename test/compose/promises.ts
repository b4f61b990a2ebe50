import { describeConfig } from '../../config'
import { composeFile, envFile, type ComposeFile, type Service } from './compose-file'

// What docker-compose.yml promises beyond being well-formed. Each rule tells in words what is broken.

const PINNED = /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/
const REFERENCE = /\$\{(\w+)[^}]*\}/g
const SECRET_NAME = /PASS|PWD|SECRET|API_KEYS|_KEY$/
const SECRET_REFERENCE = /^\$\{\w+:(\?[^}]+|-)\}$/
const PASSWORD_IN_URL = /\/\/[^/@:]+:([^/@]*)@/
const NEEDED_SECRETS = ['POSTGRES_PASSWORD', 'TEMPORAL_POSTGRES_PASSWORD', 'API_KEYS', 'SECRET_KEYS']
const TEMPORAL_CLIENT = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']
const OUR_STOP_SECONDS = 10

type Rule = (file: ComposeFile, text: string, example: string) => string[]

const each = (broken: (service: Service, name: string, file: ComposeFile) => string[]): Rule =>
  (file) => Object.entries(file.services).flatMap(([name, service]) => broken(service, name, file).map((words) => `${name} ${words}`)) // prettier-ignore

const when = (broken: boolean, words: string): string[] => (broken ? [words] : [])

const isJob = (service: Service) => service.restart?.startsWith('on-failure') ?? false
const isOurs = (service: Service) => service.image?.startsWith('sojourn:') ?? false
const variables = (service: Service) => Object.entries(service.environment ?? {})

const settingNames = new Set([...describeConfig().matchAll(/^\| ([A-Z_]+) \|/gm)].map(([, name]) => name!))

const rules: Readonly<Record<string, Rule>> = {
  images: each(({ image }) =>
    when(!PINNED.test(image ?? ''), `has the image ${image}, which names no version`),
  ),

  ports: each(({ ports = [] }) =>
    ports
      .filter((port) => !port.startsWith('127.0.0.1:'))
      .map((port) => `publishes ${port} beyond this host`),
  ),

  scaled: each(({ deploy, ports, container_name }) =>
    when(!!deploy?.replicas && !!(ports || container_name), 'is scaled, and has a port or a name of its own'),
  ),

  ends: each((service, name, { services }) => {
    if (!isJob(service)) return when(!service.healthcheck, 'runs and has no health check')
    const waited = Object.values(services).some(
      ({ depends_on }) => depends_on?.[name]?.condition === 'service_completed_successfully',
    )
    return when(!waited, 'is a job that nobody waits for')
  }),

  order: each(({ depends_on = {} }, _, { services }) =>
    Object.entries(depends_on).flatMap(([other, { condition }]) => {
      const right = isJob(services[other]!) ? 'service_completed_successfully' : 'service_healthy'
      return when(condition !== right, `waits for ${other} by ${condition}`)
    }),
  ),

  restarts: each(({ restart }) =>
    when(restart !== 'unless-stopped' && restart !== 'on-failure:5', `restarts ${restart}`),
  ),

  limits: each((service) => [
    ...when(!service.logging?.options?.['max-size'], 'keeps its log without end'),
    ...when(!isJob(service) && !service.deploy?.resources?.limits?.memory, 'has no limit of memory'),
  ]),

  stopping: each((service) =>
    when(
      isOurs(service) && Number.parseInt(service.stop_grace_period ?? '0', 10) <= OUR_STOP_SECONDS,
      'is killed before it can end by itself',
    ),
  ),

  volumes: each(({ volumes = [] }, _, file) =>
    volumes
      .filter((volume) => !(volume.split(':')[0]! in file.volumes))
      .map((volume) => `keeps ${volume}, which is no named volume`),
  ),

  passwords: each((service) =>
    variables(service).flatMap(([name, value]) => {
      const password = PASSWORD_IN_URL.exec(value)?.[1]
      const literal = SECRET_NAME.test(name) ? !SECRET_REFERENCE.test(value) : password !== undefined && !/^\$\{\w+:\?/.test(password) // prettier-ignore
      return when(literal, `has a secret of its own in ${name}`)
    }),
  ),

  settings: each((service) =>
    variables(service)
      .filter(([name]) => isOurs(service) && !settingNames.has(name) && !TEMPORAL_CLIENT.includes(name))
      .map(([name]) => `sets ${name}, which is no setting`),
  ),

  documented: (_, text, example) => {
    const used = new Set([...text.matchAll(REFERENCE)].map(([, name]) => name!))
    const named = Object.keys(envFile(example))
    return [
      ...[...used].filter((name) => !named.includes(name)).map((name) => `${name} is not in .env.example`),
      ...named.filter((name) => !used.has(name)).map((name) => `${name} of .env.example is not used`),
    ]
  },

  secrets: (_, text, example) =>
    NEEDED_SECRETS.flatMap((name) => [
      ...when(envFile(example)[name] !== '', `.env.example has a value for ${name}`),
      ...when(new RegExp(`\\$\\{${name}(?!:\\?)[:}]`).test(text), `${name} may be missing`),
    ]),
}

/** Everything that is broken, in words; none for a file that keeps its promises. */
export const brokenPromises = (text: string, example: string): string[] => {
  const file = composeFile(text)
  return Object.values(rules).flatMap((rule) => rule(file, text, example))
}
