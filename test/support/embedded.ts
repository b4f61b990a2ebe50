import { openAsBlob } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { openStore, type Store } from '../../store'

const imageIn = (folder: string): string => path.join(folder, 'embedded.tar')

/** Makes the data folder that embedded databases of this test run begin from: making one takes seconds. */
export async function makeImage(folder: string): Promise<void> {
  const database = await PGlite.create()
  const image = await database.dumpDataDir('none')
  await writeFile(imageIn(folder), Buffer.from(await image.arrayBuffer()))
  await database.close()
}

/** A store on an embedded database in memory. */
export const embeddedStore = async (): Promise<Store> =>
  openStore({ image: await openAsBlob(imageIn(process.env.SOJOURN_TEST_FOLDER!)) })
