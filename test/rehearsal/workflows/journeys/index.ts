export { counting, early, nested, unlucky } from './alone'
export { racing, sideBySide, staged } from './beside'
