export { reference } from './journeys/reference'
