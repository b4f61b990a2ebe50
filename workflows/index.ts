// What the worker bundles: every journey, under its own name.
export * from './journeys'
