export { defineJourney, type JourneyWorkflow } from './define-journey'
export * from './protocol'
