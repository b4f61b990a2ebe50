// Taken when the module loads: a test's fake timers must not stop a rehearsal.
const soon = setImmediate

let next: Promise<void> | undefined

/**
 * Resolves when nothing more happens by itself: a macrotask begins only when all microtasks are done. Whoever asks in the same
 * turn shares it, so that many lives side by side cost one.
 */
export const turn = (): Promise<void> =>
  (next ??= new Promise((resolve) =>
    soon(() => {
      next = undefined
      resolve()
    }),
  ))
