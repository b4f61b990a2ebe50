export { offering } from './offering'
export { choosy } from './choosy'
