import { describeOnBoth } from '../store/on-both'
import { openStage } from './stage'

describeOnBoth('deliver', (on) => {
  it('sends once when asked 20 times at the same moment, by two processes', async () => {
    const stage = await openStage(on.store)
    const elsewhere = stage.activitiesOver(await on.another())
    let othersAnswered = () => {}
    const waiting = new Promise<void>((resolve) => (othersAnswered = resolve))
    stage.email.answer = async () => (await waiting, { is: 'accepted', providerMessageId: 'x' })
    const answers: string[] = []
    const calls = Array.from({ length: 20 }, async (_, index) => {
      const { deliver } = index % 2 ? elsewhere : stage.activities
      answers.push((await deliver(stage.touchpoint(), 'inline')).is)
      if (answers.length === 19) othersAnswered()
    })
    await Promise.all(calls)
    expect(answers).toEqual([...Array<string>(19).fill('busy'), 'sent'])
    expect(await elsewhere.deliver(stage.touchpoint(), 'patient')).toMatchObject({ is: 'sent' })
    expect(stage.email.sent).toHaveLength(1)
    stage.close()
  })
})
