export { invoiceCare } from './invoice-care'
export { invoiceAnswer } from './invoice-answer'
export { lessons } from './lessons'
