import { sql } from 'kysely'
import type { ArmReport, DecisionStore, ModelReport, ShadowReport } from './deciding'
import type { Db } from './schema'

/** Every decision of the journey is counted: half a second where there are a million. */
export const reports = (db: Db): Pick<DecisionStore, 'report' | 'modelReport' | 'shadowReport'> => ({
  report: (journey) => report(db, journey),
  modelReport: (journey) => modelReport(db, journey),
  shadowReport: (journey) => shadowReport(db, journey),
})

async function report(db: Db, journey: string): Promise<ArmReport[]> {
  const { rows: found } = await sql<Omit<ArmReport, 'journey'>>`
    select step, arm, how, count(*) as decisions, count(*) filter (where state = 'open') as open,
      count(position) as settled, count(position) filter (where reward is not null) as rewarded,
      coalesce(sum(reward) filter (where position is not null), 0) as reward,
      coalesce(sum(reward * reward) filter (where position is not null), 0) as squares,
      avg(propensity) as propensity
    from decisions where journey = ${journey} group by step, arm, how order by step, arm, how`.execute(db)
  return found.map((row) => ({ journey, ...row }))
}

async function modelReport(db: Db, journey: string): Promise<ModelReport[]> {
  const { rows: found } = await sql<ModelReport>`
    select step, model->>'is' as "is", model->>'to' as to, model->>'because' as because, count(*) as decisions
    from decisions where journey = ${journey} and model is not null
    group by 1, 2, 3, 4 order by step, "is" desc, decisions desc, because`.execute(db)
  return found
}

async function shadowReport(db: Db, journey: string): Promise<ShadowReport[]> {
  const { rows: found } = await sql<ShadowReport>`
    select step, shadow #>> '{policy,is}' as policy, shadow ->> 'version' as version, count(*) as decisions,
      count(*) filter (where shadow ->> 'arm' = arm) as same,
      count(*) filter (where shadow #>> '{model,is}' = 'fell-back') as "fellBack",
      count(*) filter (where shadow ->> 'is' = 'failed') as failed
    from decisions where journey = ${journey} and shadow is not null
    group by 1, 2, 3 order by step, max(recorded_at) desc, version`.execute(db)
  return found
}
