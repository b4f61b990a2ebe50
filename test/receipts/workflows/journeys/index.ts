export { invoiceCare } from './invoice-care'
