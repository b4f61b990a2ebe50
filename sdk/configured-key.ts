/** An API key as configured: the key itself is known to its holder alone. `hash` is its SHA-256 in lower-case hex. */
export interface ConfiguredKey {
  readonly role: 'ingest' | 'read' | 'agent' | 'operate' | 'admin'
  readonly name: string
  readonly hash: string
}

const form = /^(ingest|read|agent|operate|admin):([A-Za-z0-9._-]{1,64}):([0-9a-fA-F]{64})$/

/** Reads role:name:hash; undefined for other text. */
export function parseApiKey(entry: string): ConfiguredKey | undefined {
  const [, role, name, hash] = form.exec(entry) ?? []
  return hash === undefined
    ? undefined
    : { role: role as ConfiguredKey['role'], name: name!, hash: hash.toLowerCase() }
}
