export { answering } from './journeys/answering'
