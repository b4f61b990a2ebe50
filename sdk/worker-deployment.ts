/** What Temporal calls the workers of a task queue, over all their builds; full stops and colons are its own. */
export const deploymentName = (taskQueue: string): string => taskQueue.replace(/[.:]/g, '-')
