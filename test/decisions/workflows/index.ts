export * from './journeys'
