/** A value that is asked for again when it is older than `forMs`; those who ask meanwhile share one answer. A failure is not kept. */
export function remembered<Value>(
  forMs: number,
  ask: () => Promise<Value>,
): { value: () => Promise<Value>; forget: () => void } {
  let last: { readonly value: Promise<Value>; readonly until: number } | undefined
  const forget = () => void (last = undefined)
  return {
    value() {
      if (last !== undefined && performance.now() < last.until) return last.value
      const value = ask()
      value.catch(forget)
      last = { value, until: performance.now() + forMs }
      return value
    },
    forget,
  }
}
