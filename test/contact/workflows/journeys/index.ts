export { double } from './double'
