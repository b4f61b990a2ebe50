import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { projectCreated, trialStarted } from '../../catalog/events'
import { trialOnboarding } from '../../workflows/journeys'
import { rehearse } from '../../workflows/testing'

// The page's examples are this file's tests: they stand in one module, as they read.
const page = readFileSync(path.join(__dirname, '../../docs/guides/test-a-journey.md'), 'utf8')
const snippets = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)
const { outputText } = ts.transpileModule(snippets.join('\n'), {
  compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
})
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the page's imports are read from here
new Function('require', 'exports', outputText)((name: string) => require(name), {})

test('the difference that the page shows is told in these words', async () => {
  const story = rehearse(trialOnboarding, { at: '2026-03-02T16:00' })
    .event(trialStarted, { plan: 'team' })
    .expectSent('welcome')
    .event(projectCreated)
    .at('+4 days')
    .expectSent('show-first-step')
  const [, shown] = /(Expected: [\s\S]*?)\n```/.exec(page)!
  await expect(story).rejects.toThrow(shown)
})
