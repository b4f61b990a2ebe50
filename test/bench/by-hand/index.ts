export { byHand } from './by-hand'
export { interpreter } from './interpreter'
