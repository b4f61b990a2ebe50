import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describeConfig } from '../config'

export const settingsPage = (): string =>
  `# Settings\n\nRead from the environment, by config.ts alone. An unknown or wrong value ends the start with a sentence that says which and why. Made by \`npm run settings\`.\n\n${describeConfig()}\n\nTEMPORAL_* settings are read by @temporalio/envconfig (address, namespace, TLS, API key). Hash an API key with \`printf %s "$KEY" | sha256sum\`.\n`

if (require.main === module) writeFileSync(path.join(__dirname, '../docs/settings.md'), settingsPage())
