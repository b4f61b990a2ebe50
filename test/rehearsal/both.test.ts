import { RealStage } from '../support/real-stage'
import { World } from '../support/world'
import { stories } from './stories'

const told = stories()
// They are played at the same time, so that the first may take as long as all.
const ALL_MS = 300_000

const names = told.map(({ title }) => title)

describe('in virtual time', () => {
  test.each(names)('%s', async (name) => {
    await told.find(({ title }) => title === name)!.story
  })
})

describe('in moved time on the real server, the same', () => {
  let world: World
  const played = new Map<string, Promise<unknown>>()

  beforeAll(async () => {
    world = await World.open()
    for (const { title, customer, story } of told) {
      const playing = RealStage.open(world, customer).then((stage) => story.playOn(stage))
      // Its own test tells, when its turn comes.
      playing.catch(() => undefined)
      played.set(title, playing)
    }
  })
  afterAll(async () => {
    await Promise.allSettled(played.values())
    await world?.close()
  }, ALL_MS)

  test.each(names)(
    '%s',
    async (name) => {
      await played.get(name)
    },
    ALL_MS,
  )
})
