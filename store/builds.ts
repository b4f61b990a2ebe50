import { sql } from 'kysely'
import { jsonText } from './json'
import type { Db } from './schema'
import type { BuildStore } from './store'

// A dispatcher keeps its build four times as often.
const IN_SERVICE_MS = 60_000

export const buildStore = (db: Db): BuildStore => ({
  async keep(manifest) {
    await sql`insert into builds (build, manifest) values (${manifest.build}, ${jsonText(manifest)}::jsonb)
      on conflict (build) do update set kept_at = excluded.kept_at`.execute(db)
  },
  async current() {
    const row = await db
      .selectFrom('builds')
      .select('manifest')
      .where('kept_at', '>', sql<number>`(select max(kept_at) from builds) - ${IN_SERVICE_MS}::bigint`)
      .orderBy('kept', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.manifest
  },
  async get(build) {
    const row = await db.selectFrom('builds').select('manifest').where('build', '=', build).executeTakeFirst()
    return row?.manifest
  },
  async since(build) {
    const rows = await db
      .selectFrom('builds')
      .select('build')
      .where('kept', '>=', db.selectFrom('builds').select('kept').where('build', '=', build))
      .orderBy('kept')
      .execute()
    return rows.map((row) => row.build)
  },
})
