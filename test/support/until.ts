// Says that it will never come: machines may be busy with all the other tests.
const LONGEST_MS = 90_000

/** Resolves once the condition holds. Rejects after 90 s, with what was seen instead. */
export async function until(condition: () => Promise<boolean>, seen?: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + LONGEST_MS
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`it did not come about; seen: ${JSON.stringify(await seen?.())}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
