import path from 'node:path'
import { outlineJourneys } from '.'

/** Writes the manifest of this working copy to standard output, for the command line; 1 with its problems when it can't be built. */
function print(): void {
  try {
    const manifest = outlineJourneys(path.join(__dirname, '../../workflows'))
    process.stdout.write(JSON.stringify(manifest))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

print()
