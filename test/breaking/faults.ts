import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../start/child'
import type { Finding } from './checker/check'
import { faultScript } from './scripts'
import type { Script } from './storm'

// Faults that the checker must find. They are put into a copy of the compiled code; the product knows nothing of them.

interface Fault {
  /** The compiled file, and the text in it that is replaced; it must be there once. */
  readonly file: string
  readonly text: string
  readonly by: string
  /** The promise that it breaks. */
  readonly breaks: Finding['broke']
  readonly script: (seed: number) => Script
}

export const faults = {
  /** An event is answered with a 2xx and not stored: each tenth customer's third. */
  'drop-event': {
    file: 'api/routes/ingest.js',
    text: 'await api.store.events.append(sent.map(',
    by: 'await api.store.events.append(sent.filter(({ message }) => !/^p\\d*0-.*-3$/.test(message.messageId)).map(',
    breaks: 'lost',
    script: (seed) => faultScript(seed),
  },
  /** A mail is handed over, and only then the ledger row is written. */
  'send-first': {
    file: 'activities/deliver.js',
    text: 'const reservation = await decided(deps, attempt);',
    by: `if (attempt.provider.channel === 'email' && !(await deps.store.touchpoints.get(attempt.id))) {
        const { answer, by } = await (0, carrying_1.carry)(carriers, await (0, composing_1.outgoingOf)(deps, attempt), patience, deps.health);
        await decided(deps, attempt);
        return (0, settling_1.deliveryOf)(await settle(deps, attempt, { ...(0, settling_1.fateOf)(answer), provider: by.name }));
    }
    const reservation = await decided(deps, attempt);`,
    breaks: 'doubled',
    script: (seed) => faultScript(seed, 'kill in sending'),
  },
  /** A messageId that is known is stored once more. */
  'no-dedup': {
    file: 'store/events.js',
    text: 'const added = await (0, transact_1.repeated)(() => insert(db, events));',
    by: `let added = await insert(db, events);
        if (added < events.length) added = await insert(db, events.map((event) => ({ ...event, messageId: event.messageId + '/again' })));`,
    breaks: 'doubled',
    script: (seed) => faultScript(seed),
  },
  /** Events are marked handled before they are handed out. */
  'handled-first': {
    file: 'workers/dispatcher/dispatcher.js',
    text: 'const done = [];',
    by: 'const done = []; await this.options.store.events.handled(events);',
    breaks: 'lost',
    script: (seed) => faultScript(seed, 'kill in handing out'),
  },
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

export const isFault = (name: string): name is FaultName => Object.hasOwn(faults, name)

/** A copy of the compiled code in `folder`, with the fault in it. Throws where the text is not there exactly once. */
export function withFault(dist: string, folder: string, name: FaultName): string {
  const { file, text, by } = faults[name]
  const copy = path.join(folder, 'dist')
  cpSync(dist, copy, { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const place = path.join(copy, file)
  const parts = readFileSync(place, 'utf8').split(text)
  if (parts.length !== 2)
    throw new Error(`${file} has the text of the fault ${name} ${parts.length - 1} times, not once`)
  writeFileSync(place, parts.join(by))
  return copy
}
