#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// The compiled command where there is one, else the source: `npx sojourn` works in a fresh clone as well.
const require = createRequire(import.meta.url)
const compiled = fileURLToPath(new URL('../../dist/api/cli.js', import.meta.url))
if (existsSync(compiled)) {
  require(compiled)
} else {
  require('tsx/cjs/api').register()
  require('../cli.ts')
}
