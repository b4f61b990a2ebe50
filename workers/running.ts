/** What has been started and has to be stopped, last started first. */
export class Running {
  private readonly parts: { name: string; stop: () => Promise<unknown> }[] = []
  private stopping: Promise<void> | undefined

  constructor(private readonly say: (line: string) => void) {}

  add<Part extends { stop(): Promise<unknown> }>(name: string, part: Part): Part {
    this.parts.push({ name, stop: () => part.stop() })
    return part
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.stopAll())
  }

  private async stopAll(): Promise<void> {
    for (const { name, stop } of this.parts.toReversed()) {
      await stop().catch((error: Error) => this.say(`${name} did not stop cleanly: ${error.message}`))
    }
  }
}
