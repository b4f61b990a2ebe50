export { double } from './double'
export { single } from './single'
