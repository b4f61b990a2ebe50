import { until } from '../support/until'
import type { World } from '../support/world'

/** What one customer does, and what is done to the enrollment. */
export class Act {
  constructor(
    private readonly world: World,
    readonly customer: string,
    private readonly workflowId: string,
  ) {}

  identify(traits: Record<string, unknown> = {}): Promise<void> {
    const zone = { timezone: 'Europe/Berlin', firstName: 'Ada' }
    return this.world.identify(this.customer, {
      ...zone,
      email: `${this.customer.toLowerCase()}@example.com`,
      ...traits,
    })
  }

  event(name: string, properties: Record<string, unknown> = {}): Promise<void> {
    return this.world.event(this.customer, name, properties)
  }

  async forward(by: string): Promise<void> {
    await this.world.forward(this.customer, by)
  }

  /** An agent closes the customer's open task. */
  async agentDoes(outcome: string): Promise<void> {
    const customerId = encodeURIComponent(this.customer)
    const listed = await this.world.call('GET', `/v1/tasks?customerId=${customerId}`)
    const { id } = listed.body.items[0]
    await this.world.call('POST', `/v1/tasks/${id}/claim`, { agent: 'ann' })
    const { status } = await this.world.call('POST', `/v1/tasks/${id}/complete`, { agent: 'ann', outcome })
    if (status !== 200) throw new Error(`${this.workflowId} ${outcome}: ${status}`)
  }

  /** Lives on from wake-up to wake-up until it waits at the step. */
  onTo(step: string): Promise<void> {
    return this.onwards(() => this.isAt(step))
  }

  onToEnd(): Promise<void> {
    return this.onwards(() => this.isOver())
  }

  async operate(action: string, body: object = {}): Promise<void> {
    const { status, body: answer } = await this.world.call(
      'POST',
      `/v1/enrollments/${encodeURIComponent(this.workflowId)}/${action}`,
      { reason: 'recording', ...body },
    )
    if (status !== 200) throw new Error(`${this.workflowId} ${action}: ${status} ${JSON.stringify(answer)}`)
  }

  at(step: string): Promise<void> {
    return until(
      () => this.isAt(step),
      () => this.detail(),
    )
  }

  retrying(step: string): Promise<void> {
    return until(async () =>
      (await this.world.touchpoints(this.customer)).some((one) => one.startsWith(`${step} retrying`)),
    )
  }

  ended(): Promise<void> {
    return until(
      () => this.isOver(),
      () => this.detail(),
    )
  }

  private onwards(there: () => Promise<boolean>): Promise<void> {
    const target = `/v1/customers/${encodeURIComponent(this.customer)}/fast-forward`
    return until(
      async () => (await there()) || (await this.world.call('POST', target, { to: 'next' }), there()),
      () => this.detail(),
    )
  }

  private async isAt(step: string): Promise<boolean> {
    return (await this.detail()).waits?.some((wait: { step: string }) => wait.step === step)
  }

  private async isOver(): Promise<boolean> {
    return (await this.world.store.enrollments.get(this.workflowId))?.status === 'ended'
  }

  private async detail(): Promise<any> {
    return (await this.world.call('GET', `/v1/enrollments/${encodeURIComponent(this.workflowId)}`)).body
  }
}
