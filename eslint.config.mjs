import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { importOptions, processEntries } from './workers/lint/directions.mjs'
import { environment, workflowRules } from './workers/lint/deterministic.mjs'
import { imports } from './workers/lint/imports.mjs'
import { steps } from './workers/lint/steps.mjs'

const lines = { skipBlankLines: true, skipComments: true }

export default defineConfig(
  globalIgnores(['dist/', '.data/', 'coverage/', 'test/lint/fixtures/']),
  tseslint.configs.recommended,
  {
    plugins: { sojourn: { rules: { imports, steps } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 300, ...lines }],
      'max-lines-per-function': ['error', { max: 40, ...lines }],
      'no-console': 'error',
      'no-restricted-properties': ['error', environment],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
    },
  },
  importOptions.map(({ files, options }) => ({ files, rules: { 'sojourn/imports': ['error', options] } })),
  { files: ['workflows/**/*.ts'], rules: workflowRules },
  { files: ['workflows/journeys/*.ts'], rules: { 'sojourn/steps': 'error' } },
  // Types that take any event, any activity or any message: the author's own are inferred through them.
  { files: ['sdk/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['config.ts', 'jest.config.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: [...processEntries, '**/*.mjs'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-console': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
)
