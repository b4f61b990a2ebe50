/** Loads one of our modules by its path, without extension: workflows are known by path only. */
export function load(path: string): Record<string, unknown> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a path that is known at run time only
  return require(path) as Record<string, unknown>
}
