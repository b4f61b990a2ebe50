export { oneMail } from './one-mail'
export { oneHook } from './one-hook'
