export { offering } from './offering'
export { choosy } from './choosy'
export { modelled } from './modelled'
