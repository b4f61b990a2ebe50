import { createServer } from 'node:net'
import { freePort, freePorts, portAnswers, portIsFree } from '../../workers/servers/ports'

test('a free port can be listened on, several are different', async () => {
  await portIsFree(await freePort(), 'PORT')
  const ports = await freePorts(20)
  expect(new Set(ports).size).toBe(20)
})

test('a port in use is one sentence naming the port and the setting', async () => {
  const taken = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
  await expect(portIsFree(port, 'PORT')).rejects.toThrow(
    `port ${port} is already in use: stop what listens there, or set PORT to another port`,
  )
  expect(await portAnswers(port)).toBe(true)
  await new Promise((resolve) => taken.close(resolve))
  expect(await portAnswers(port)).toBe(false)
})
