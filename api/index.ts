export { createApi } from './app'
export type { ApiDeps } from './deps'
export { startApi, type RunningApi } from './listen'
