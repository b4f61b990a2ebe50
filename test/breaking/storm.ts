import { setTimeout as sleep } from 'node:timers/promises'
import { Breaker } from './breaker'
import { type Finding, findings, type Lived } from './checker/check'
import { Deployment, type Place } from './deployment'
import { Desk } from './desk'
import { Driver } from './driver'
import type { Move } from './plan'
import { factsOf } from './reading'
import type { Manners } from './sinks/misbehaviour'
import { receiptsIn } from './sinks/journal'
import type { Person } from './stories'
import type { Target } from './targets'

/** All that happens; a seed decides it. */
export interface Script {
  readonly seed: number
  readonly people: readonly Person[]
  readonly moves: readonly Move[]
  readonly manners: { readonly smtp: Manners; readonly webhooks: Manners }
  /** How long new things are begun. */
  readonly stormMs: number
  /** How long all may take to come to rest afterwards. */
  readonly calmMs: number
  /** Whether sends whose worker died are waited for until their lease is over (150 s). */
  readonly awaitsLeases: boolean
}

export interface Result {
  readonly seed: number
  readonly kills: number
  readonly killed: Readonly<Record<string, number>>
  readonly frozen: Readonly<Record<string, number>>
  readonly restarted: Readonly<Record<string, number>>
  readonly customers: number
  /** Accepted, each once however often it was sent. */
  readonly events: number
  readonly inVain: number
  readonly enrollments: number
  readonly touchpoints: number
  readonly lost: number
  readonly doubled: number
  readonly unknown: number
  readonly unexplained: number
  readonly stuck: number
  readonly astray: number
  readonly findings: readonly Finding[]
  readonly lives: readonly Lived[]
}

const AT_ONCE = 40

/** Lives the script through on a deployment of its own, over servers that may be among what is broken. */
export async function storm(
  place: Place,
  servers: readonly Target[],
  script: Script,
  say: (line: string) => void,
): Promise<Result> {
  const deployment = await Deployment.start(place, script.manners)
  const desk = new Desk(deployment.url, deployment.key, place.databaseUrl, script.awaitsLeases)
  try {
    const breaker = new Breaker([...deployment.processes, ...servers], momentsOf(deployment, desk), say)
    const { lives, restless } = await lived(script, desk, breaker, say)
    const facts = await factsOf(deployment, desk, breaker.outages)
    const disorderly = (await deployment.stop()).map((words): Finding => ({ broke: 'astray', customerId: 'nobody', words })) // prettier-ignore
    const found = [...findings(lives, facts), ...restless, ...disorderly]
    return resultOf(script, breaker, desk, lives, facts, found)
  } finally {
    await desk.close()
    await deployment.stop()
  }
}

const JUST_NOW_MS = 1_000

const momentsOf = (deployment: Deployment, desk: Desk) => ({
  holdEnrolling: () => desk.holdEnrolling(),
  isSending: () =>
    receiptsIn(deployment.mailFile).some(({ at, did }) => did === 'took' && at > Date.now() - JUST_NOW_MS),
})

async function lived(
  script: Script,
  desk: Desk,
  breaker: Breaker,
  say: (line: string) => void,
): Promise<{ lives: Lived[]; restless: Finding[] }> {
  const over = Date.now() + script.stormMs
  const isOver = () => Date.now() > over
  const drivers = new Map<Driver, Lived | undefined>()
  const queue = script.people.values()
  const drive = async (): Promise<void> => {
    for (const person of queue) {
      if (isOver()) return
      const driver = new Driver(person, desk, isOver)
      drivers.set(driver, undefined)
      drivers.set(driver, await driver.live())
    }
  }
  const driven = Promise.all(Array.from({ length: AT_ONCE }, drive))
  await Promise.all([
    breaker.carryOut(script.moves),
    Promise.race([driven, sleep(script.stormMs, undefined, { ref: false })]),
  ])
  say('the storm is over')
  await Promise.race([driven, sleep(script.calmMs, undefined, { ref: false })])
  driven.catch(() => undefined)
  const unfinished = [...drivers].flatMap(([driver, life]) => (life ? [] : [driver]))
  const restless = unfinished.map((driver): Finding => ({
    broke: 'stuck',
    customerId: driver.standing,
    words: 'does not come to rest',
  }))
  const lives = await Promise.all([...drivers].map(async ([driver, life]) => life ?? driver.lived()))
  return { lives, restless }
}

function resultOf(
  { seed }: Script,
  { killed, frozen, restarted }: Breaker,
  { inVain }: Desk,
  lives: readonly Lived[],
  { enrollments, touchpoints }: Awaited<ReturnType<typeof factsOf>>,
  found: readonly Finding[],
): Result {
  const count = (broke: Finding['broke']) => found.filter((each) => each.broke === broke).length
  return {
    seed,
    kills: Object.values(killed).reduce((sum, each) => sum + each, 0),
    killed,
    frozen,
    restarted,
    customers: lives.length,
    events: lives.reduce((sum, { events }) => sum + events.length, 0),
    inVain,
    enrollments: enrollments.length,
    touchpoints: touchpoints.length,
    lost: count('lost'),
    doubled: count('doubled'),
    unknown: touchpoints.filter(({ status }) => status === 'unknown').length,
    unexplained: count('unexplained'),
    stuck: count('stuck'),
    astray: count('astray'),
    findings: found,
    lives,
  }
}
