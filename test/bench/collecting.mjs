import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Loaded into each thread of a process whose memory is watched: what nobody needs any more is gone whenever one looks.
const EVERY_MS = 5_000

setFlagsFromString('--expose-gc')
setInterval(runInNewContext('gc'), EVERY_MS).unref()
