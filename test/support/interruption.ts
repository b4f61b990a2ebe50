/** Rejects at the first Ctrl-C or SIGTERM, so that a program ends in order what it had begun. The next one ends it as ever. */
export const interruption = (): Promise<never> =>
  new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error('interrupted')))
  })
